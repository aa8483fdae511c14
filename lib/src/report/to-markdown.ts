// A report document as GitHub-flavoured Markdown.
import { own } from '../core/own.js';
import { visibleText, withoutControls } from '../core/text.js';
import type { Assessment, AssessmentCheck } from '../schema/assessment.js';
import {
  acceptedInWords,
  ASSESSMENT_TITLE,
  assessmentAnswer,
  assessmentParts,
  levelWord,
} from './assessment-box.js';
import type { Block, ReportDocument, Span } from './document.js';
import { asShown, type JudgmentSamples } from './judgment-samples.js';
import { toMarkdown } from './tables.js';

/** Paths of the chart files by the id of the chart, relative to the Markdown file; charts without a file are left out. */
export type ChartFiles = Readonly<Record<string, string>>;

/** Renders a document; its text is escaped. */
export function documentToMarkdown(document: ReportDocument, chartFiles: ChartFiles = {}): string {
  const blocksOf = (blocks: readonly Block[]): string[] =>
    blocks.flatMap((block) => blockToMarkdown(block, chartFiles));
  const parts = [
    `# ${inline([document.title])}`,
    ...blocksOf(document.lead),
    ...document.sections.flatMap(({ title, blocks }) => [`## ${inline([title])}`, ...blocksOf(blocks)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Renders parts of a document; charts are left out. */
export function blocksToMarkdown(blocks: readonly Block[]): string {
  return blocks.flatMap((block) => blockToMarkdown(block, {})).join('\n\n');
}

function blockToMarkdown(block: Block, chartFiles: ChartFiles): string[] {
  switch (block.kind) {
    case 'text':
      return [inline(block.spans)];
    case 'list':
      return [block.items.map((item, i) => `${block.ordered ? `${i}.` : '-'} ${inline(item)}`).join('\n')];
    case 'facts':
      return [block.facts.map(({ term, fact }) => `- **${inline([term])}**: ${inline(fact)}`).join('\n')];
    case 'table':
      return [toMarkdown(block.table)];
    case 'chart': {
      const file = own(chartFiles, block.chart.id);
      return file === undefined ? [] : [`![${inline([block.chart.alt])}](${file})`];
    }
    case 'code':
      return [fenced(block.text, block.language)];
    case 'judgments':
      return judgmentsToMarkdown(block.samples);
    case 'assessment':
      return [assessmentToMarkdown(block.assessment)];
    case 'folded':
      return block.blocks.flatMap((inner) => blockToMarkdown(inner, chartFiles));
  }
}

/** A quotation, so that it stands apart. */
function assessmentToMarkdown(assessment: Assessment): string {
  const { telling, rest } = assessmentParts(assessment);
  const item = (check: AssessmentCheck): string => {
    const advice = check.remedy === null ? null : `What to do: ${check.remedy}`;
    const more = [acceptedInWords(check), advice].flatMap((part) => part ?? []);
    return `- ${inline([{ strong: `${levelWord(check.level)} ${check.id}` }, `: ${[check.found, ...more].join('. ')}`])}`;
  };
  const lines = [
    inline([{ strong: `${ASSESSMENT_TITLE} ${assessmentAnswer(assessment)}` }]),
    ...(telling.length > 0 ? ['', ...telling.map(item)] : []),
    ...rest.flatMap((sentence) => ['', inline([sentence])]),
  ];
  return lines.map((line) => `> ${line}`.trimEnd()).join('\n');
}

function judgmentsToMarkdown({ groups }: JudgmentSamples): string[] {
  return groups.flatMap(({ outcome, pairs }) =>
    pairs.slice(0, 1).map((pair) => {
      const { better, texts } = asShown(pair);
      const lines = [
        ...(texts ? [`instruction: ${texts.instruction}`, `A: ${texts.a}`, `B: ${texts.b}`] : []),
        `right: ${better}`,
        ...pair.judgments.map(({ judge, text }) => `${judge}: ${text}`),
      ];
      return `${outcome}:\n\n${fenced(lines.join('\n'), 'text')}`;
    }),
  );
}

/** A fence longer than any in the text, so that the text cannot end the block. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${visibleText(text)}\n${fence}`;
}

function inline(spans: readonly Span[]): string {
  return spans
    .map((span) => {
      if (typeof span === 'string') return escaped(span);
      if ('figure' in span) return escaped(span.figure);
      if ('strong' in span) return `**${escaped(span.strong)}**`;
      if ('em' in span) return `*${escaped(span.em)}*`;
      // The fence is longer than any run of backticks in the code.
      return `\`${withoutControls(span.code).replaceAll('`', "'")}\``;
    })
    .join('')
    .trim();
}

/** Escapes markup. An interval's brackets stay unescaped where they cannot form a link. */
function escaped(text: string): string {
  return withoutControls(text)
    .replace(/[\\`*_]/g, (sign) => `\\${sign}`)
    .replace(/<(?=[a-z/!?])/gi, '\\<')
    .replace(/\]\(/g, ']\\(');
}
