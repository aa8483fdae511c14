// Audits the pairs of a run, or of a file.
import { z } from 'zod';
import { auditPairs, type SurfacePair } from '../../audit/index.js';
import { DataError } from '../../core/errors.js';
import { isFolder } from '../../core/files.js';
import { schemaProblems } from '../../core/jsonl.js';
import { printable } from '../../core/text.js';
import { readRows } from '../../datasets/index.js';
import type { PairAudit } from '../../schema/pair-audit.js';
import { responsePairSchema } from '../../schema/response-pair.js';
import { trainingExampleSchema } from '../../schema/training-example.js';
import { RunFolder } from '../../store/index.js';
import { chosenIterations } from '../layout/finished-iterations.js';
import { ITERATION_FILES, iterationFolder } from '../layout/run-files.js';

const textSchema = z.union([z.string(), z.looseObject({ text: z.string() }).transform(({ text }) => text)], {
  error: ({ input }) => (input === undefined ? 'missing; expected string' : 'expected a text, or {text}'),
});
/** A pair of any origin: a run's, or columns of a file. */
const pairSchema = z.looseObject({ instruction: z.string().min(1), winner: textSchema, loser: textSchema });

/**
 * Audits pairs before they train a judge; asks no model.
 * @param input a run's folder (its last finished iteration; `folder@2` is iteration 2), or a file of rows with instruction, winner and loser
 * @throws DataError for what is not there, a row that is no pair, or no pairs; ConfigError for an iteration that is not there
 */
export async function auditPairFile(input: string, signal?: AbortSignal): Promise<PairAudit> {
  const { run, which } = iterationOf(input);
  if (!(await isFolder(run))) return auditPairsOf(input, signal);
  const [{ iteration }] = await chosenIterations(run, which === null ? 'last' : String(which));
  if (iteration === 0) throw notPairs(input, 'iteration 0: the seed model, which is trained on none');
  return auditPairsIn(iterationFolder(new RunFolder(run), iteration), signal);
}

/** A run's folder and the iteration that is named with it: `folder@2`; null where none is. */
export function iterationOf(input: string): { run: string; which: number | null } {
  const { run = input, which } = /^(?<run>.+)@(?<which>\d+)$/.exec(input)?.groups ?? {};
  return { run, which: which === undefined ? null : Number(which) };
}

/** Audits the pairs of an iteration's folder. @throws DataError as {@link auditPairFile} */
export function auditPairsIn(folder: RunFolder, signal?: AbortSignal): Promise<PairAudit> {
  return auditPairsOf(folder.file(ITERATION_FILES.pairs), signal);
}

/**
 * Audits what an iteration trains on: one pair for each kept example, with the place of the response that it names. Examples that name the
 * known loser, which are kept only where filter.correctOnly is false, count as their pair.
 * @throws DataError as {@link auditPairFile}
 */
export async function auditTrainingSetIn(folder: RunFolder, signal?: AbortSignal): Promise<PairAudit> {
  const kept = new Map<string, { A: number; B: number }>();
  for await (const { pairId, verdict } of folder.records(ITERATION_FILES.examples, trainingExampleSchema)) {
    const counts = kept.get(pairId) ?? { A: 0, B: 0 };
    counts[verdict]++;
    kept.set(pairId, counts);
  }
  return auditPairs(async function* () {
    for await (const { pairId, instruction, winner, loser } of folder.records(
      ITERATION_FILES.pairs,
      responsePairSchema,
    )) {
      signal?.throwIfAborted();
      const { A, B } = kept.get(pairId) ?? { A: 0, B: 0 };
      const pair = { instruction, winner: winner.text, loser: loser.text };
      for (let i = 0; i < A + B; i++) yield { ...pair, isWinnerFirst: i < A };
    }
  });
}

async function auditPairsOf(file: string, signal: AbortSignal | undefined): Promise<PairAudit> {
  const audit = await auditPairs(() => pairsIn(file, signal));
  if (audit.nPairs > 0) return audit;
  throw notPairs(file, 'no rows');
}

async function* pairsIn(file: string, signal: AbortSignal | undefined): AsyncGenerator<SurfacePair> {
  for await (const row of readRows(file)) {
    signal?.throwIfAborted();
    const parsed = 'row' in row ? pairSchema.safeParse(row.row) : null;
    if (!parsed?.success) {
      const problem =
        parsed && 'row' in row
          ? `${schemaProblems(parsed.error)}; its columns are ${printable(Object.keys(row.row).join(', '))}`
          : 'a row that cannot be read';
      throw notPairs(`${file}:${row.line}`, problem);
    }
    yield parsed.data;
  }
}

function notPairs(subject: string, received: string): DataError {
  return new DataError({
    subject,
    expected: 'pairs: rows with instruction, winner and loser',
    received,
    remedy: "Name a run's folder or its pairs.jsonl, or rename the columns of your file.",
  });
}
