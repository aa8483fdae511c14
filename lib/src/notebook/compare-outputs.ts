// Compares the outputs of a notebook with those of a new run: their structure, not their figures.
import { resolve } from 'node:path';
import { exists } from '../core/files.js';
import type { CodeCell, Notebook } from './notebook-format.js';
import { outputShapes, type OutputShape } from './output-shape.js';

/** A cell, and what there is to say about it. */
export interface CellRemark {
  /** Counts the code cells that are not blank, from 1. */
  cellNumber: number;
  /** The first line of its code that is not blank. */
  firstLine: string;
  remark: string;
}

/** What a comparison found. */
export interface OutputComparison {
  differences: CellRemark[];
  /** Cells whose outputs need something that is not here, and so may differ. */
  notCompared: CellRemark[];
}

/**
 * Compares every cell. A cell says in its metadata which file or folder its outputs need, relative to the notebook; where it is missing, the
 * cell is not compared: `"autodidact": { "needs": "${RECORDINGS:-../data}/a.json" }`, with an environment variable and its default.
 * @param folder of the notebook
 */
export async function compareOutputs(
  kept: Notebook,
  ran: Notebook,
  { folder, environment }: { folder: string; environment: Readonly<Record<string, string | undefined>> },
): Promise<OutputComparison> {
  const found: OutputComparison = { differences: [], notCompared: [] };
  const cells = codeCells(kept);
  for (const [i, now] of codeCells(ran).entries()) {
    const before = cells[i];
    const firstLine = now.source.split('\n').find((line) => line.trim() !== '') ?? '';
    const remark = (text: string): CellRemark => ({ cellNumber: i + 1, firstLine, remark: text });
    const needs = neededBy(now, environment);
    if (needs !== null && !(await exists(resolve(folder, needs)))) {
      found.notCompared.push(remark(`its outputs need ${needs}, which is not here`));
    } else if (now.execution_count !== null) {
      found.differences.push(
        ...differences(outputShapes(before?.outputs ?? []), outputShapes(now.outputs)).map(remark),
      );
    }
  }
  return found;
}

function codeCells({ cells }: Notebook): CodeCell[] {
  return cells.filter((cell): cell is CodeCell => cell.cell_type === 'code' && cell.source.trim() !== '');
}

/** The path that the metadata of a cell name, or null. */
function neededBy(
  { metadata }: CodeCell,
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const { needs } = (metadata.autodidact ?? {}) as { needs?: unknown };
  if (typeof needs !== 'string') return null;
  return needs.replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, standard: string) => environment[name] ?? standard,
  );
}

function differences(kept: readonly OutputShape[], now: readonly OutputShape[]): string[] {
  if (kept.length !== now.length) {
    return [`the notebook has ${listed(kept)}, the run made ${listed(now)}`];
  }
  return now.flatMap((shape, i) => {
    const before = kept[i] ?? shape;
    const where = now.length === 1 ? '' : `output ${i + 1}: `;
    if (before.kind !== shape.kind) {
      return [`${where}the notebook has a ${before.kind}, the run made a ${shape.kind}`];
    }
    return [...new Set([...Object.keys(before.parts), ...Object.keys(shape.parts)])]
      .filter((name) => before.parts[name] !== shape.parts[name])
      .map(
        (name) =>
          `${where}${name}: the notebook has "${before.parts[name] ?? ''}", the run made "${shape.parts[name] ?? ''}"`,
      );
  });
}

function listed(shapes: readonly OutputShape[]): string {
  if (shapes.length === 0) return 'no output';
  return `${shapes.length} output${shapes.length === 1 ? '' : 's'} (${shapes.map(({ kind }) => kind).join('; ')})`;
}
