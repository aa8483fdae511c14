// PandaLM's test set (Wang et al. 2024, arXiv 2306.05087; https://github.com/WeOpenML/PandaLM): pairs with three annotators, ties included.
import { z } from 'zod';
import { cohensKappa, fleissKappa } from '../../core/statistics/agreement.js';
import { ConfusionMatrix } from '../../core/statistics/classification.js';
import type { Row } from '../../datasets/index.js';
import type { Estimate } from '../../schema/estimate.js';
import type { Gold } from '../../schema/recorded-judgment.js';
import type { Figures } from '../../schema/scoring.js';
import { parseRow, UnusableRow } from '../recorded/recorded-format.js';
import { ShareCounter } from '../share-counter.js';
import { pooledSubsets, type HumanVotes, type VerdictTable } from '../verdict-table.js';
import type { Benchmark } from './benchmark.js';
import { namedPairs } from './figures.js';
import { itemOfPair, itemsByRow } from './item-rows.js';

const annotation = z.union([z.literal(0), z.literal(1), z.literal(2)]);
const annotationsSchema = z.looseObject({
  annotator1: annotation,
  annotator2: annotation,
  annotator3: annotation,
});
/** Six responses are a bare `true`, which was the text "True" once. */
const response = z.union([z.string(), z.boolean().transform((value) => (value ? 'True' : 'False'))]);
const rowSchema = annotationsSchema.extend({
  idx: z.int().min(0),
  instruction: z.string(),
  input: z.string().default(''),
  response1: response,
  response2: response,
  cmp_key: z.string().optional(),
  motivation_app: z.string().optional(),
});

const LABELS: readonly Gold[] = ['tie', 'first', 'second'];

export const pandalm: Benchmark = {
  name: 'pandalm',
  title: 'PandaLM test set',
  source: 'arXiv 2306.05087; github.com/WeOpenML/PandaLM at 3871806, README and data/',
  itemFiles: [{ dataset: 'pandalm', file: /(^|\/)testset-v1\.json$/ }],
  subsetBy: 'slice',
  rule: 'pandalm',
  // Garbage is counted as a tie.
  convention: { unparsed: 'tie' },
  orders: 'one',
  items: (rows) =>
    itemsByRow(rows, (row) => {
      const { idx, instruction, input, response1, response2, cmp_key, ...rest } = parseRow(rowSchema, row);
      const humanVotes = votesOf(annotationsOf(rest));
      const models = cmp_key?.split('_') ?? [];
      const item = itemOfPair({
        itemId: String(idx),
        instruction: input === '' ? instruction : `${instruction}\n\n${input}`,
        slice: 'all',
        errorKind: cmp_key ?? 'all',
        first: response1,
        second: response2,
        gold: majorityOf(humanVotes),
        // A key of more parts does not tell where the one name ends and the other begins.
        ...(models.length === 2 ? { models: [models[0], models[1]] as const } : {}),
      });
      return { ...item, humanVotes };
    }),
  figuresOf: classificationFigures,
  summarise: (subsets) => classificationFigures(pooledSubsets(subsets)),
  goldAgreement: annotatorAgreement,
};

/** Accuracy, and precision, recall and F1 as the mean over the three labels, as scikit-learn's `macro` has them. */
function classificationFigures(table: VerdictTable): Figures {
  const accuracy = new ShareCounter();
  const matrix = new ConfusionMatrix<Gold>();
  let unscored = 0;
  for (const { gold, named } of namedPairs(table)) {
    // The recorded judges saw each pair as it is listed; a judge that is run here may see it in either order.
    const asked = named.filter((name) => name !== undefined);
    const read = asked.filter((name) => name !== null);
    accuracy.add({ sum: read.filter((name) => name === gold).length, size: read.length });
    for (const name of read) matrix.add(gold, name);
    unscored += asked.length - read.length;
  }
  const macro = matrix.macro();
  const figure = (value: number | null): Estimate => ({
    value,
    n: matrix.n,
    unscored,
    low: null,
    high: null,
    method: 'mean over the labels; no interval',
  });
  accuracy.addUnscored(unscored);
  return {
    accuracy: accuracy.estimate(),
    macroPrecision: figure(macro?.precision ?? null),
    macroRecall: figure(macro?.recall ?? null),
    macroF1: figure(macro?.f1 ?? null),
  };
}

/** Kappa of the three annotators: each two, and all. Rows without three labels are unscored. */
async function annotatorAgreement(rows: AsyncIterable<Row>): Promise<Figures> {
  const annotations: number[][] = [];
  let unscored = 0;
  for await (const row of rows) {
    const parsed = 'row' in row ? annotationsSchema.safeParse(row.row) : null;
    if (parsed?.success) annotations.push(annotationsOf(parsed.data));
    else unscored++;
  }
  const of = (annotator: number): number[] => annotations.map((labels) => labels[annotator] ?? 0);
  const figure = (value: number | null, method: string): Estimate => ({
    value,
    n: annotations.length,
    unscored,
    low: null,
    high: null,
    method: `${method}; no interval`,
  });
  const pairs = [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const;
  return {
    ...Object.fromEntries(
      pairs.map(([a, b]) => [
        `cohensKappa annotators ${a + 1} and ${b + 1}`,
        figure(cohensKappa(of(a), of(b)), "Cohen's kappa"),
      ]),
    ),
    fleissKappa: figure(
      fleissKappa(
        annotations.map((labels) => LABELS.map((_, label) => labels.filter((l) => l === label).length)),
      ),
      "Fleiss' kappa of three annotators",
    ),
  };
}

function annotationsOf({ annotator1, annotator2, annotator3 }: z.output<typeof annotationsSchema>): number[] {
  return [annotator1, annotator2, annotator3];
}

function votesOf(annotations: readonly number[]): HumanVotes {
  const votes = { first: 0, second: 0, tie: 0 };
  for (const annotation of annotations) votes[LABELS[annotation] ?? 'tie']++;
  return votes;
}

/** @throws UnusableRow where all three differ */
function majorityOf(votes: HumanVotes): Gold {
  const label = LABELS.find((candidate) => votes[candidate] > 1);
  if (label === undefined) throw new UnusableRow('no-majority', 'all annotators differ');
  return label;
}
