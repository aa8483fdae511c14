// A report as a document: sections of text, tables and charts, assembled in one way and rendered as Markdown or as HTML.
import type { TopLevelSpec } from 'vega-lite';
import { printable } from '../core/text.js';
import type { Assessment } from '../schema/assessment.js';
import type { CountedJudgments } from '../schema/judgment-filter.js';
import type { JudgmentSamples } from './judgment-samples.js';
import type { Table } from './tables.js';

/** A span of text; a plain string is shown literally, as is a figure. What a figure counts is where a reader's link may lead. */
export type Span =
  | string
  | { strong: string; counted?: CountedJudgments | undefined }
  | { figure: string; counted: CountedJudgments | undefined }
  | { em: string }
  | { code: string };

/** A chart and its text alternative. */
export interface Chart {
  /** Unique within the document, and the name of its files: lower-case letters, digits and hyphens. */
  id: string;
  spec: TopLevelSpec;
  /** Drawn where nothing can be chosen: in pictures, in Markdown and without scripts. Absent: `spec`. */
  still?: TopLevelSpec;
  alt: string;
}

/** A part of a section. */
export type Block =
  | { kind: 'text'; spans: readonly Span[] }
  | { kind: 'list'; ordered: boolean; items: readonly (readonly Span[])[] }
  | { kind: 'facts'; facts: readonly { term: string; fact: readonly Span[] }[] }
  | { kind: 'table'; table: Table }
  | { kind: 'chart'; chart: Chart }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'judgments'; samples: JudgmentSamples }
  /** Whether a judge can be trusted. */
  | { kind: 'assessment'; assessment: Assessment }
  /** Collapsed until opened. */
  | { kind: 'folded'; summary: string; blocks: readonly Block[] };

/** A titled part of a report. */
export interface Section {
  title: string;
  blocks: readonly Block[];
}

/** A report, independent of the format in which it is rendered. */
export interface ReportDocument {
  title: string;
  /** Blocks above the first section. */
  lead: readonly Block[];
  sections: readonly Section[];
  /** Titles of the sections that a page shows unfolded; absent: the first one. */
  opened?: readonly string[];
}

/**
 * A paragraph from a template; inserted values are text, never markup.
 *
 * @example
 * text`Read by the rule ${{ code: 'strict' }}.`
 */
export function text(strings: TemplateStringsArray, ...values: (Span | number)[]): Block {
  return { kind: 'text', spans: spans(strings, ...values) };
}

/** The spans of a template; line ends become spaces. */
export function spans(strings: TemplateStringsArray, ...values: (Span | number)[]): Span[] {
  return strings.flatMap((string, i): Span[] => {
    const value = values[i];
    const literal = string.replace(/\s*\n\s*/g, ' ');
    return [literal, ...(value === undefined ? [] : [typeof value === 'number' ? String(value) : value])];
  });
}

/** Blocks in order; lists are flattened. */
export type Blocks = readonly (Block | readonly Block[])[];

/**
 * Assembles a document. Sections without blocks are left out.
 * @param parts.sections by their titles, in their order
 */
export function assemble({
  title,
  lead,
  sections,
  ...more
}: Pick<ReportDocument, 'title' | 'opened'> & {
  lead: Blocks;
  sections: Readonly<Record<string, Blocks>>;
}): ReportDocument {
  return {
    ...more,
    title,
    lead: lead.flat(),
    sections: Object.entries(sections)
      .map(([name, blocks]) => ({ title: name, blocks: blocks.flat() }))
      .filter(({ blocks }) => blocks.length > 0),
  };
}

/** A table; empty without rows. */
export function tableBlock(table: Table): Block[] {
  return table.rows.length > 0 ? [{ kind: 'table', table }] : [];
}

/** A chart. @param alt its text alternative */
export function chartBlock(id: string, alt: string, spec: TopLevelSpec): Block {
  return { kind: 'chart', chart: { id, spec, alt } };
}

/** Sentences as a list; empty without sentences. */
export function listBlock(sentences: readonly string[]): Block[] {
  if (sentences.length === 0) return [];
  return [{ kind: 'list', ordered: false, items: sentences.map((sentence) => [sentence]) }];
}

/** Text in a fixed-width font, e.g. commands. */
export function codeBlock(language: string, code: string): Block {
  return { kind: 'code', language, text: code };
}

/** A name from a server, as code. */
export function serverName(name: string): Span {
  return { code: printable(name) };
}

/** The section of this title. @throws RangeError for an unknown title */
export function sectionNamed({ title, sections }: ReportDocument, name: string): Section {
  const found = sections.find((each) => each.title === name);
  if (found) return found;
  const names = sections.map((each) => each.title).join(', ');
  throw new RangeError(`${title}: expected a section of the report (${names}), received ${name}`);
}

/**
 * The chart of this id. @throws RangeError for an unknown id
 * @example await showChart(chartNamed(report, 'biases').spec);
 */
export function chartNamed(document: ReportDocument, id: string): Chart {
  const charts = chartsOf(document);
  const found = charts.find((chart) => chart.id === id);
  if (found) return found;
  const ids = charts.map((chart) => chart.id).join(', ');
  throw new RangeError(`${document.title}: expected a chart of the report (${ids}), received ${id}`);
}

/**
 * All charts of a document, in their order.
 * @example for (const { spec, alt } of chartsOf(report)) await showChart(spec, { title: alt });
 */
export function chartsOf({ lead, sections }: ReportDocument): Chart[] {
  const inBlocks = (blocks: readonly Block[]): Chart[] =>
    blocks.flatMap((block) => {
      if (block.kind === 'chart') return [block.chart];
      return block.kind === 'folded' ? inBlocks(block.blocks) : [];
    });
  return [...inBlocks(lead), ...sections.flatMap(({ blocks }) => inBlocks(blocks))];
}
