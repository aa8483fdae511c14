// How a judge is measured, in an experiment file: on one benchmark, or on several with settings of their own.
import { parse } from 'node:path';
import { z } from 'zod';
import { int, nonEmpty, section } from '../../core/config-section.js';
import { samplingSchema } from '../../schema/chat.js';
import { benchmarkSchema, type BenchmarkConfig } from './benchmark-config.js';

const sampling = samplingSchema.shape;

const voteSchema = section(
  {
    samples: int(1, 128).default(32),
    temperature: sampling.temperature.default(0.7),
    topP: sampling.topP.default(0.9),
  },
  { samples: 'Judgments per pair and order (paper: 32).' },
);

const temperature = sampling.temperature.optional();
const topP = sampling.topP.optional();
const { maxTokens } = sampling;
const method = z.enum(['pairwise', 'single-grading']);
const orders = z.enum(['both', 'one']);

const INHERITED = 'Of this benchmark. Absent: that of evaluate.';

const entrySchema = section(
  {
    name: z
      .string()
      .max(40)
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case letters and digits, with hyphens between them'),
    headline: z.boolean().optional(),
    benchmark: benchmarkSchema,
    pack: nonEmpty.optional(),
    overlap: z.enum(['stop', 'report']).optional(),
    temperature,
    topP,
    maxTokens: maxTokens.optional(),
    method: method.optional(),
    orders: orders.optional(),
    orderSeed: int(0).optional(),
    logprobs: z.boolean().optional(),
    vote: voteSchema.nullable().optional(),
  },
  {
    name: ['Name of the benchmark in tables, files and options.', 'mt-bench'],
    headline: 'Whether its figures stand first. Absent: those of the first benchmark do.',
    benchmark: 'Pairs that the judge is measured on.',
    pack: ['Prompts of this benchmark. Absent: those of the experiment.', 'mt-bench'],
    overlap:
      'What an overlap with the training texts does: stop, or report. Absent: report where overlap.action is report, otherwise stop. The first benchmark follows overlap.action alone.',
    temperature: [`${INHERITED} null: not sent.`, null],
    topP: [`${INHERITED} null: not sent.`, null],
    maxTokens: [INHERITED, 2048],
    method: INHERITED,
    orders: INHERITED,
    orderSeed: [INHERITED, 1],
    logprobs: INHERITED,
    vote: 'Majority vote on this benchmark. Absent: that of evaluate; null: none.',
  },
);

/** What single grades, which show no pairs, do not use. */
function unusedByGrades(
  settings: Pick<EvaluateSettings, 'method' | 'vote' | 'logprobs' | 'orders'>,
): string[] {
  if (settings.method !== 'single-grading') return [];
  const unused = {
    vote: settings.vote !== undefined,
    logprobs: settings.logprobs,
    orders: settings.orders === 'one',
  };
  return Object.entries(unused).flatMap(([key, isSet]) => (isSet ? [key] : []));
}

const evaluateSection = section(
  {
    benchmark: benchmarkSchema.optional(),
    temperature,
    topP,
    maxTokens: maxTokens.default(4096),
    method: method.default('pairwise'),
    orders: orders.default('both'),
    orderSeed: int(0).default(1),
    // Kept completions without log-probabilities stay the answer: where a server has learned to give them, change endpoint.identity.
    logprobs: z.boolean().default(false),
    vote: voteSchema.optional(),
    benchmarks: z.array(entrySchema).min(1).optional(),
  },
  {
    benchmark: 'Pairs that the judge is measured on. Absent: those of benchmarks.',
    temperature: ['Of the judgments whose verdicts count. Absent: 0, greedy; null: not sent.', null],
    topP: ['Of the same judgments. Absent: 1, off; null: not sent.', null],
    method:
      "pairwise: compare the two responses; single-grading: grade each alone, by the pack's grade prompt.",
    orders:
      'both: every pair in both orders; one: in one order, drawn by item (how RewardBench is published).',
    orderSeed: 'Seed of the draw of orders.',
    logprobs: 'Ask for the probability of each greedy verdict, where the server gives log-probabilities.',
    vote: 'Also measure a majority vote over sampled judgments. Absent: greedy judgments only.',
    benchmarks:
      'Several benchmarks in place of one; what an entry does not set is as set beside this list. All but the first can be added, changed and removed later: a finished run measures what is new, and trains nothing again. Absent: benchmark alone.',
  },
);
type EvaluateConfig = z.output<typeof evaluateSection>;

export const evaluateSchema = evaluateSection.superRefine((evaluate, context) => {
  const { benchmark, benchmarks } = evaluate;
  const refuse = (path: (string | number)[], message: string): void => {
    context.addIssue({ code: 'custom', path, message });
  };
  if (benchmark === undefined && benchmarks === undefined)
    return refuse(
      ['benchmark'],
      'expected the pairs that the judge is measured on, or several under benchmarks',
    );
  if (benchmark !== undefined && benchmarks !== undefined)
    return refuse(['benchmark'], 'expected benchmark or benchmarks, not both; make it an entry of the list');
  // Refused already; it has no evaluations.
  if (benchmarks?.length === 0) return;
  const notApplied = 'does not apply to single-grading, which shows no pairs';
  evaluationsOf({ evaluate }).forEach(({ settings }, i) => {
    const path = benchmarks ? ['benchmarks', i] : [];
    const remedy = benchmarks
      ? 'leave it out, or set vote: null, logprobs: false and orders: both here'
      : 'leave it out';
    for (const key of unusedByGrades(settings)) refuse([...path, key], `${notApplied}; ${remedy}`);
  });
  benchmarks?.forEach(({ name, headline, overlap }, i) => {
    const earlier = benchmarks.slice(0, i);
    if (earlier.some((other) => other.name === name))
      refuse(['benchmarks', i, 'name'], `${name} comes twice; give every benchmark a name of its own`);
    const first = headline === true && earlier.find((other) => other.headline === true);
    if (first) refuse(['benchmarks', i, 'headline'], `${first.name} is the headline already; expected one`);
    if (i === 0 && overlap !== undefined)
      refuse(
        ['benchmarks', 0, 'overlap'],
        'the first benchmark follows overlap.action; set that, or leave this out',
      );
  });
});

/** How a judge is measured on one benchmark, all defaults filled in. */
export type EvaluateSettings = Omit<EvaluateConfig, 'benchmark' | 'benchmarks'> & {
  benchmark: BenchmarkConfig;
};

/** One of the measurements of an experiment. */
export interface Evaluation {
  /** Unique in the experiment. */
  name: string;
  /** Whether its figures stand first. */
  isHeadline: boolean;
  /** The first is a part of what makes a run this run; the others are not. */
  isFirst: boolean;
  settings: EvaluateSettings;
  /** Reference of its prompts; undefined: those of the experiment. */
  pack: string | undefined;
  /** What an overlap of a later benchmark with training texts does; undefined: as for the first. */
  overlap: 'stop' | 'report' | undefined;
}

/** The measurements of an experiment, at least one, in the order in which they are written. */
export function evaluationsOf({ evaluate }: { evaluate: EvaluateConfig }): [Evaluation, ...Evaluation[]] {
  const { benchmark, benchmarks = [], ...shared } = evaluate;
  const hasMarked = benchmarks.some(({ headline }) => headline === true);
  const [first, ...others] = benchmarks.map(
    ({ name, headline, pack, overlap, vote, ...own }, i): Evaluation => {
      const { vote: sharedVote, ...rest } = shared;
      const takenVote = vote === undefined ? sharedVote : (vote ?? undefined);
      const settings = { ...rest, ...own, ...(takenVote && { vote: takenVote }) } as EvaluateSettings;
      const isHeadline = hasMarked ? headline === true : i === 0;
      return { name, isHeadline, isFirst: i === 0, settings, pack, overlap };
    },
  );
  if (first) return [first, ...others];
  if (!benchmark) throw new RangeError('expected settings with a benchmark');
  const only = { isHeadline: true, isFirst: true, pack: undefined, overlap: undefined };
  return [{ name: nameOf(benchmark), settings: { ...shared, benchmark }, ...only }];
}

/** How checkpoints are judged: by the settings that no benchmark of a list has for itself. */
export function sharedSettings({
  evaluate,
}: {
  evaluate: EvaluateConfig;
}): Omit<EvaluateSettings, 'benchmark'> {
  return { ...evaluate, benchmark: undefined, benchmarks: undefined } as Omit<EvaluateSettings, 'benchmark'>;
}

/** The name of a benchmark that is the only one. */
function nameOf(benchmark: BenchmarkConfig): string {
  if (benchmark.source === 'jsonl') return parse(benchmark.path).name;
  return benchmark.source === 'registry' ? benchmark.name : benchmark.source;
}
