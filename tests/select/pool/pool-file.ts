// Pools of files that a test writes.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import type { Instruction, Outcome } from '../../../lib/src/schema/index.js';
import { poolSchema, readPool, type ReadPoolOptions } from '../../../lib/src/select/index.js';
import { collect, NEVER } from '../../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

export type PoolInput = z.input<typeof poolSchema>;

/** What a pool of these files gives. @param content by file name */
export function readFrom(
  content: Record<string, string | Uint8Array>,
  pool: PoolInput,
  options: Partial<ReadPoolOptions> = {},
): Promise<Outcome<Instruction>[]> {
  return inTemporaryFolder(async (folder) => {
    for (const [name, text] of Object.entries(content)) await writeFile(join(folder, name), text);
    return collect(readPool(poolSchema.parse(pool), { folder, seed: 1, signal: NEVER, ...options }));
  });
}

/** Rows as JSON Lines. */
export const jsonl = (...rows: unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

/** The texts of what was kept. */
export const textsOf = (outcomes: Outcome<Instruction>[]): string[] =>
  outcomes.flatMap((outcome) => (outcome.kind === 'kept' ? [outcome.record.text] : []));

/** Place and reason of what was dropped. */
export const dropsOf = (outcomes: Outcome<Instruction>[]): [string, string][] =>
  outcomes.flatMap((outcome) =>
    outcome.kind === 'dropped' ? [[outcome.drop.subjectId, outcome.drop.reason]] : [],
  );

/** The details of what was dropped. */
export const detailsOf = (outcomes: Outcome<Instruction>[]): (string | undefined)[] =>
  outcomes.flatMap((outcome) => (outcome.kind === 'dropped' ? [outcome.drop.detail] : []));
