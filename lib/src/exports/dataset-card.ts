// The card of a data set: a README with the YAML header that the Hugging Face Hub reads, and how the set was made.
// https://huggingface.co/docs/hub/datasets-cards, https://huggingface.co/docs/hub/datasets-manual-configuration
import { escapeMarkdown } from '../core/escape-markdown.js';
import { stringify } from 'yaml';
import { z } from 'zod';
import { setStatisticsSchema, type SetStatistics } from '../schema/set-statistics.js';
import type { DatasetFormat, ExportedFile } from './dataset-format.js';
import type { ExportKind } from './row-format.js';

const count = z.int().min(0);

export const datasetCardSchema = z.strictObject({
  /** An identifier from the Hub's list of licenses, or `other`. */
  license: z.string().min(1),
  /** What the set is, in a sentence or two. */
  description: z.string().min(1),
  /** Names of models by their role, e.g. `judge`, `responses`. */
  models: z.record(z.string().min(1), z.string().min(1)),
  /** N, judgments of a pair in each order that it is judged in; absent: unknown. */
  samplesPerOrder: z.int().min(1).optional(),
  /** Whether each pair is judged in both orders (default) or in one. */
  orders: z.enum(['both', 'balanced', 'winner-first']).optional(),
  /** The input of the filter: pairs, their judgments, and judgments without a verdict; absent: unknown. */
  input: z.strictObject({ nPairs: count, nJudgments: count, nUnscored: count }).optional(),
  /** Counts of what the filter dropped, by reason. */
  dropped: z.record(z.string().min(1), count),
  /** Settings of the filter, from the experiment. */
  filter: z.record(z.string().min(1), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  seed: z.int(),
  /** SHA-256 by the name of what was hashed, e.g. `configuration`, `instructions`. */
  hashes: z.record(z.string().min(1), z.string().min(1)),
  /** Absent: not counted. */
  statistics: z
    .strictObject({ train: setStatisticsSchema, validation: setStatisticsSchema.optional() })
    .optional(),
});
/** How a set was made, for its card. */
export type DatasetCard = z.infer<typeof datasetCardSchema>;

/** Bounds of the Hub's classes of size: 1e3, 1e4, ... examples. */
const SIZE_BOUNDS = ['1K', '10K', '100K', '1M', '10M', '100M', '1B', '10B', '100B'];

function sizeCategory(nExamples: number): string {
  const index = SIZE_BOUNDS.slice(0, -1).findIndex((_, i) => nExamples < 10 ** (i + 3));
  const [lower, upper] = index === -1 ? SIZE_BOUNDS.slice(-2) : [SIZE_BOUNDS[index - 1], SIZE_BOUNDS[index]];
  return `${lower === undefined ? 'n' : `${lower}<n`}<${upper}`;
}

/** The whole text of the card. @param set.files the files of rows, `train` first */
export function renderCard(
  card: DatasetCard,
  set: { name: string; kind: ExportKind; format: DatasetFormat; files: readonly ExportedFile[] },
): string {
  const { title, documentation } = set.format;
  const page = typeof documentation === 'string' ? documentation : documentation[set.kind];
  const splits = set.files.filter(({ split }) => split !== null);
  const nExamples = splits.reduce((sum, file) => sum + (file.nExamples ?? 0), 0);
  const header = {
    license: card.license,
    pretty_name: set.name,
    size_categories: [sizeCategory(nExamples)],
    tags: ['synthetic', 'llm-as-a-judge', set.kind === 'sft' ? 'sft' : 'dpo'],
    configs: [
      {
        config_name: 'default',
        data_files: splits.map(({ split, path }) => ({ split, path })),
      },
    ],
  };
  return [
    `---\n${stringify(header)}---`,
    `# ${escapeMarkdown(set.name)}`,
    card.description
      .split(/\n\s*\n/)
      .map(escapeMarkdown)
      .join('\n\n'),
    `${set.kind === 'sft' ? 'Supervised' : 'Preference'} examples of judgments in the format of ` +
      `[${title}](${page})${card.input ? MADE_BY : ''}.`,
    table(
      ['file', 'examples', 'bytes', 'SHA-256'],
      set.files.map(({ path, nExamples: n, bytes, sha256 }) => [path, n ?? '', bytes, sha256]),
    ),
    '## How it was made',
    table(['model', 'name'], Object.entries(card.models)),
    howJudged(card),
    card.input
      ? table(
          ['pairs', 'judgments', 'of them without a verdict', 'examples'],
          [[card.input.nPairs, card.input.nJudgments, card.input.nUnscored, nExamples]],
        )
      : '',
    table(['dropped, by reason', 'n'], Object.entries(card.dropped)),
    table(['filter', 'setting'], Object.entries(card.filter)),
    table(['hash of', 'SHA-256'], Object.entries(card.hashes)),
    ...(card.statistics ? ['## What it consists of', statisticsTable(card.statistics)] : []),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

const MADE_BY =
  ', made without any human label by the Self-Taught Evaluator (Wang et al. 2024, [arXiv 2408.02666](https://arxiv.org/abs/2408.02666))';

const IN_ORDERS = {
  both: 'in each order',
  balanced: 'in one order, each order equally often',
  'winner-first': 'with the winner first, which plants a position shortcut on purpose',
} as const;

function howJudged({ samplesPerOrder, orders, seed }: DatasetCard): string {
  if (samplesPerOrder === undefined) return `Seed ${seed}.`;
  const inOrders = IN_ORDERS[orders ?? 'both'];
  return `${samplesPerOrder} judgments of each pair ${inOrders}; seed ${seed}.`;
}

function statisticsTable(statistics: NonNullable<DatasetCard['statistics']>): string {
  const sets = Object.entries(statistics).filter((entry): entry is [string, SetStatistics] =>
    Boolean(entry[1]),
  );
  const row = (name: string, of: (set: SetStatistics) => string | number): (string | number)[] => [
    name,
    ...sets.map(([, set]) => of(set)),
  ];
  const rounded = (value: number | null): string => (value === null ? '' : value.toFixed(0));
  return table(
    ['', ...sets.map(([name]) => name)],
    [
      row('examples', ({ nExamples }) => nExamples),
      row('pairs', ({ nPairs }) => nPairs),
      row('instructions', ({ nInstructions }) => nInstructions),
      row('verdict A / B', ({ labels }) => `${labels.A} / ${labels.B}`),
      row('slices', ({ slices }) =>
        Object.entries(slices)
          .map(([slice, n]) => `${slice} ${n}`)
          .join(', '),
      ),
      row('rejected: wrong / tie / unparsed', ({ rejected: r }) =>
        r ? `${r.wrong} / ${r.tie} / ${r.unparsed}` : '',
      ),
      row('tokens in all', ({ tokens }) => rounded(tokens.example.total)),
      row('tokens of an example: mean / 50% / 90% / 99%', ({ tokens: { example } }) =>
        [example.mean, example.p50, example.p90, example.p99].map(rounded).join(' / '),
      ),
      row('longest, in tokens', ({ tokens }) => rounded(tokens.example.longest?.tokens ?? null)),
      row('tokens counted by', ({ tokens }) => tokens.counter),
    ],
  );
}

/** A Markdown table; an empty text if there are no rows. */
function table(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly unknown[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(value: unknown): string {
  return escapeMarkdown(String(value));
}
