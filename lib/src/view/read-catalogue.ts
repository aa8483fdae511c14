// Reads the judgments of a run into a catalogue.
import { open } from 'node:fs/promises';
import { byteLinesOf } from '../core/byte-lines.js';
import { readError } from '../core/files.js';
import { parseJsonLine } from '../core/jsonl.js';
import { verdictOutcome } from '../evaluate/index.js';
import {
  chosenIterations,
  evaluationIn,
  ITERATION_FILES,
  type FinishedIteration,
} from '../experiment/index.js';
import { readJudgmentIndex } from '../filter/index.js';
import { evaluatedItemSchema } from '../schema/evaluation.js';
import { judgedPairSchema, type JudgedPair } from '../schema/judgment.js';
import { verdictWordOf } from '../schema/judgment-index.js';
import { responsePairSchema } from '../schema/response-pair.js';
import type { Order, Verdict, VoteCount } from '../schema/verdict.js';
import { JudgmentCatalogue, pairOutcomeOf } from './judgment-catalogue.js';
import type { JudgedSubject, JudgmentSource, VerdictChange } from './view-records.js';

/**
 * Reads the judgments of a run's finished iterations: texts are passed over where an index of them is there.
 * @throws DataError for a folder that is no run, or a file that cannot be read
 */
export async function readCatalogue(runFolder: string, signal?: AbortSignal): Promise<JudgmentCatalogue> {
  const catalogue = new JudgmentCatalogue();
  const before = new Map<string, EarlierVerdicts>();
  for (const finished of await chosenIterations(runFolder, 'all')) {
    for (const source of sourcesOf(finished)) {
      signal?.throwIfAborted();
      const number = catalogue.addSource(source);
      if (source.kind === 'training') await addTraining(catalogue, { finished, source, number });
      else {
        const key = source.benchmark ?? '';
        const earlier = before.get(key) ?? { seed: new Map(), last: new Map() };
        before.set(key, await addHeldOut(catalogue, { source, number, earlier }));
      }
    }
  }
  return catalogue;
}

function sourcesOf({ folder, iteration, manifest }: FinishedIteration): JudgmentSource[] {
  const evaluations = manifest.stages.filter(({ stage }) => stage === 'evaluate');
  return [
    ...(manifest.stages.some(({ stage }) => stage === 'judge')
      ? [{ kind: 'training' as const, iteration, path: folder.file(ITERATION_FILES.judgments) }]
      : []),
    ...evaluations.map(({ benchmark }) => ({
      kind: 'held-out' as const,
      iteration,
      ...(benchmark === undefined ? {} : { benchmark }),
      path: folder.file(evaluationIn(manifest, benchmark).fileName),
    })),
  ];
}

/** Greedy verdicts by item and order. */
type VerdictsById = Map<string, Partial<Record<Order, Verdict>>>;

/** Those of the seed model, and of the iteration before. */
interface EarlierVerdicts {
  seed: VerdictsById;
  last: VerdictsById;
}

async function addHeldOut(
  catalogue: JudgmentCatalogue,
  { source, number, earlier }: { source: JudgmentSource; number: number; earlier: EarlierVerdicts },
): Promise<EarlierVerdicts> {
  const now: VerdictsById = new Map();
  for await (const { record, start, length } of recordsIn(source.path, (line, where) =>
    parseJsonLine(line, evaluatedItemSchema, where),
  )) {
    const { itemId: id, slice, errorKind, goldTie: isGoldTie = false } = record;
    const subject = catalogue.subjectOf({ id, slice, errorKind });
    const bothOrders = pairOutcomeOf(record);
    const [seed, last] = [earlier.seed.get(id), earlier.last.get(id)];
    const own: Partial<Record<Order, Verdict>> = {};
    now.set(id, own);
    for (const { order, verdict, votes } of record.orders) {
      own[order] = verdict;
      catalogue.add({
        source: number,
        subject,
        order,
        sampleIndex: null,
        verdict,
        bothOrders,
        isGoldTie,
        sinceSeed: changeOf(seed?.[order], verdict, { order, isGoldTie }),
        sinceBefore: changeOf(last?.[order], verdict, { order, isGoldTie }),
        winnerVotes: votes ? winnerShare(votes, order) : null,
        place: { start, length },
      });
    }
  }
  return { seed: earlier.seed.size === 0 ? now : earlier.seed, last: now };
}

async function addTraining(
  catalogue: JudgmentCatalogue,
  { finished, source, number }: { finished: FinishedIteration; source: JudgmentSource; number: number },
): Promise<void> {
  const slices = new Map<string, JudgedSubject>();
  for await (const { pairId, slice, loser } of finished.folder.records(
    ITERATION_FILES.pairs,
    responsePairSchema,
  ))
    slices.set(pairId, { id: pairId, slice, errorKind: loser.method });
  const file = await open(source.path, 'r').catch((thrown: unknown) => {
    throw readError(source.path, thrown);
  });
  const add = ({ pairId, judgments }: { pairId: string; judgments: readonly PlacedJudgment[] }): void => {
    const subject = catalogue.subjectOf(
      slices.get(pairId) ?? { id: pairId, slice: 'unknown', errorKind: 'unknown' },
    );
    for (const { order, sampleIndex, verdict, start, length } of judgments)
      catalogue.add({
        source: number,
        subject,
        order,
        sampleIndex,
        verdict,
        bothOrders: 'no two verdicts',
        sinceSeed: 'new',
        sinceBefore: 'new',
        winnerVotes: null,
        place: { start, length },
      });
  };
  try {
    const index = await readJudgmentIndex({ path: source.path, file });
    if (index) for (const pair of index) add(pair);
    else
      for await (const { record, start, length } of recordsIn(source.path, (line, where) =>
        parseJsonLine(line, judgedPairSchema, where),
      ))
        add(withPlaces(record, { start, length }));
  } finally {
    await file.close();
  }
}

/** A judgment and the bytes that hold it; without an index, those of its whole line. */
type PlacedJudgment = Pick<JudgedPair['judgments'][number], 'order' | 'sampleIndex' | 'verdict'> & {
  start: number;
  length: number;
};

function withPlaces(
  { pairId, judgments }: JudgedPair,
  place: { start: number; length: number },
): { pairId: string; judgments: PlacedJudgment[] } {
  return { pairId, judgments: judgments.map((judgment) => ({ ...judgment, ...place })) };
}

/** The records of a file with the bytes that hold them; blank lines are skipped. @throws DataError */
async function* recordsIn<Value>(
  path: string,
  parse: (line: string, where: string) => Value,
): AsyncGenerator<{ record: Value; start: number; length: number }> {
  let nLines = 0;
  const file = await open(path, 'r').catch((thrown: unknown) => {
    throw readError(path, thrown);
  });
  try {
    for await (const { bytes, start, length } of byteLinesOf(file)) {
      const line = bytes.toString('utf8');
      nLines++;
      if (line.trim() !== '') yield { record: parse(line, `${path}:${nLines}`), start, length };
    }
  } finally {
    await file.close();
  }
}

function winnerShare(votes: VoteCount, order: Order): number | null {
  const { A, B, tie } = votes;
  const n = A + B + tie;
  return n === 0 ? null : ((order === 'winner-first' ? A : B) + tie / 2) / n;
}

function changeOf(
  before: Verdict | undefined,
  now: Verdict,
  { order, isGoldTie }: { order: Order; isGoldTie: boolean },
): VerdictChange {
  if (before === undefined) return 'new';
  if (verdictWordOf(before) === verdictWordOf(now)) return 'same';
  const [was, is] = [before, now].map((verdict) => verdictOutcome(verdict, order, isGoldTie));
  if (is === 'right') return 'became right';
  return was === 'right' ? 'became wrong' : 'other';
}
