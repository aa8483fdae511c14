// Audits the pairs of a run, or of a file.
import { auditPairs, type SurfacePair } from '../../audit/index.js';
import { ConfigError, DataError } from '../../core/errors.js';
import { isFolder } from '../../core/files.js';
import { contentHash } from '../../core/hash.js';
import { schemaProblems } from '../../core/jsonl.js';
import { addCount } from '../../core/own.js';
import { printable } from '../../core/text.js';
import { columns as columnsOf, readRows, type Row } from '../../datasets/index.js';
import { BadRowList, pairColumnsSchema, pairsBenchmark, type PairColumns } from '../../evaluate/index.js';
import { judgePromptOf } from '../../judge/index.js';
import { count, counted } from '../../report/index.js';
import type { PromptPack } from '../../prompt/index.js';
import type { PairAudit } from '../../schema/pair-audit.js';
import { responsePairSchema } from '../../schema/response-pair.js';
import { trainingExampleSchema } from '../../schema/training-example.js';
import { RunFolder } from '../../store/index.js';
import { chosenIterations } from '../layout/finished-iterations.js';
import { ITERATION_FILES, iterationFolder } from '../layout/run-files.js';

/** An audit of pairs, and the rows that are none. */
export interface PairFileAudit extends Pick<BadRowList, 'dropped' | 'badRows'> {
  audit: PairAudit;
}

/** How a file is read. */
export interface PairFileOptions {
  /** Where columns have other names, as `{"winner":"chosen",…}`; of a file alone. */
  columns?: Record<string, unknown> | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Audits pairs before they train a judge; asks no model. Rows of a file that are no pairs are left out and counted.
 * @param input a run's folder (its last finished iteration; `folder@2` is iteration 2), or a file of rows with instruction, winner and loser
 * @throws DataError for what is not there, no pairs, or more rows that are no pairs; ConfigError for an iteration that is not there, or columns
 */
export async function auditPairFile(
  input: string,
  { columns, signal }: PairFileOptions = {},
): Promise<PairFileAudit> {
  const { run, which } = iterationOf(input);
  if (!(await isFolder(run))) return auditPairsOf(input, { columns, signal });
  if (columns) throw wrongColumns('a run, whose columns are known');
  const [{ iteration }] = await chosenIterations(run, which === null ? 'last' : String(which));
  if (iteration === 0)
    throw notPairs(input, { received: 'iteration 0: the seed model, which is trained on none' });
  const folder = iterationFolder(new RunFolder(run), iteration);
  return { audit: await auditPairsIn(folder, signal), dropped: {}, badRows: [] };
}

/** A run's folder and the iteration that is named with it: `folder@2`; null where none is. */
export function iterationOf(input: string): { run: string; which: number | null } {
  const { run = input, which } = /^(?<run>.+)@(?<which>\d+)$/.exec(input)?.groups ?? {};
  return { run, which: which === undefined ? null : Number(which) };
}

/** Audits the pairs of an iteration's folder. @throws DataError for a file that is not there or is damaged */
export function auditPairsIn(folder: RunFolder, signal?: AbortSignal): Promise<PairAudit> {
  return auditPairs(async function* () {
    for await (const { instruction, winner, loser } of folder.records(
      ITERATION_FILES.pairs,
      responsePairSchema,
    )) {
      signal?.throwIfAborted();
      yield { instruction, winner: winner.text, loser: loser.text };
    }
  });
}

/**
 * Audits what an iteration trains on: each kept example counts, and its winner is the response that it names, also where that is the known
 * loser (filter.correctOnly: false).
 * @param options.pack whose prompts the examples have: by them it is known which response they show first
 * @throws DataError as {@link auditPairsIn}
 */
export async function auditTrainingSetIn(
  folder: RunFolder,
  { pack, signal }: { pack: PromptPack; signal?: AbortSignal },
): Promise<PairAudit> {
  /** By pair, how many examples have a verdict on a prompt. */
  const kept = new Map<string, Record<string, number>>();
  for await (const { pairId, verdict, prompt } of folder.records(
    ITERATION_FILES.examples,
    trainingExampleSchema,
  )) {
    const counts = kept.get(pairId) ?? {};
    kept.set(pairId, counts);
    addCount(counts, `${verdict} ${contentHash(prompt)}`);
  }
  return auditPairs(async function* () {
    for await (const pair of folder.records(ITERATION_FILES.pairs, responsePairSchema)) {
      signal?.throwIfAborted();
      const counts = kept.get(pair.pairId);
      if (!counts) continue;
      const [straight, swapped] = (['winner-first', 'loser-first'] as const).map((order) =>
        contentHash(pack.judge.render(judgePromptOf(pair, order))),
      );
      const n = (verdict: string, prompt = ''): number => counts[`${verdict} ${prompt}`] ?? 0;
      const { instruction, winner, loser } = pair;
      yield {
        instruction,
        winner: winner.text,
        loser: loser.text,
        shown: { first: n('A', straight), second: n('B', swapped) },
      };
      yield {
        instruction,
        winner: loser.text,
        loser: winner.text,
        shown: { first: n('A', swapped), second: n('B', straight) },
      };
    }
  });
}

async function auditPairsOf(file: string, { columns = {}, signal }: PairFileOptions): Promise<PairFileAudit> {
  const parsed = pairColumnsSchema.safeParse(columns);
  if (!parsed.success) throw wrongColumns(schemaProblems(parsed.error));
  const bad = new BadRowList();
  let isRead = false;
  const audit = await auditPairs(async function* () {
    const reading = { columns: parsed.data, bad: isRead ? new BadRowList() : bad, signal };
    isRead = true;
    yield* pairsIn(file, reading);
  });
  const { dropped, badRows } = bad;
  const nBad = Object.values(dropped).reduce((sum, n) => sum + n, 0);
  if (audit.nPairs > 0 && nBad <= audit.nPairs) return { audit, dropped, badRows };
  const [first] = badRows;
  if (!first) throw notPairs(file, { received: 'no rows' });
  throw notPairs(`${file}:${first.line}`, {
    received: `${counted(nBad, 'row')} of ${count(nBad + audit.nPairs)} that ${nBad === 1 ? 'is' : 'are'} none; ${first.reason}: ${first.detail}; its columns are ${(await columnsOf(file)).join(', ')}`,
  });
}

async function* pairsIn(
  file: string,
  { columns, bad, signal }: { columns: PairColumns; bad: BadRowList; signal: AbortSignal | undefined },
): AsyncGenerator<SurfacePair> {
  let line = 1;
  const rows = async function* (): AsyncGenerator<Row> {
    for await (const row of readRows(file)) {
      signal?.throwIfAborted();
      line = row.line;
      yield 'row' in row ? { ...row, row: withPlainTexts(row.row) } : row;
    }
  };
  for await (const outcome of pairsBenchmark(columns).items(rows(), { file, companion: () => null })) {
    if (outcome.kind === 'dropped') {
      const { reason, detail = '' } = outcome.drop;
      bad.add({ file, line, reason, detail });
    } else if (outcome.record.goldTie) {
      bad.add({ file, line, reason: 'tie', detail: 'neither response is the better one' });
    } else yield outcome.record;
  }
}

/** A run's pairs hold more of a response than its text. */
function withPlainTexts({ winner, loser, ...row }: Record<string, unknown>): Record<string, unknown> {
  const plain = (response: unknown): unknown =>
    typeof response === 'object' && response !== null && 'text' in response ? response.text : response;
  return { ...row, winner: plain(winner), loser: plain(loser) };
}

function wrongColumns(received: string): ConfigError {
  return new ConfigError({
    subject: '--columns',
    expected: 'columns of instruction, winner and loser, or of first, second and label, in a file',
    received,
    remedy: 'For instance: --columns instruction=prompt,winner=chosen,loser=rejected',
  });
}

function notPairs(subject: string, { received }: { received: string }): DataError {
  return new DataError({
    subject,
    expected: 'pairs: rows with instruction, winner and loser',
    received: printable(received, 1000),
    remedy:
      "Name a run's folder or its pairs.jsonl, or the columns: --columns instruction=prompt,winner=chosen,loser=rejected",
  });
}
