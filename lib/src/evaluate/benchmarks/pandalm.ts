// PandaLM's test set (Wang et al. 2024, arXiv 2306.05087; https://github.com/WeOpenML/PandaLM): pairs with three annotators, ties included.
import { z } from 'zod';
import { groupBy } from '../../core/group-by.js';
import { addCount } from '../../core/own.js';
import { deriveRandom } from '../../core/random.js';
import { cohensKappa, fleissKappa } from '../../core/statistics/agreement.js';
import { bootstrapStatistic, type Repeated } from '../../core/statistics/bootstrap.js';
import { ConfusionMatrix, type MacroScores } from '../../core/statistics/classification.js';
import type { Row } from '../../datasets/index.js';
import type { Estimate } from '../../schema/estimate.js';
import type { Gold } from '../../schema/recorded-judgment.js';
import type { Figures } from '../../schema/scoring.js';
import { parseRow, UnusableRow } from '../recorded/recorded-format.js';
import { ShareCounter } from '../../core/statistics/share-counter.js';
import { reasonIn, SHOWN, type HumanVotes, type VerdictTable } from '../verdict-table.js';
import type { Benchmark } from './benchmark.js';
import { namedPairs } from './figures.js';
import { itemOfPair, itemsByRow } from './item-rows.js';

const annotation = z.union([z.literal(0), z.literal(1), z.literal(2)]);
const annotationsSchema = z.looseObject({
  annotator1: annotation,
  annotator2: annotation,
  annotator3: annotation,
});
/** Six responses are a JSON `true` in place of the text "True". */
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

/** Fewer than elsewhere, since each resample of a kappa takes all annotations. */
const N_RESAMPLES_OF_KAPPAS = 500;

const LABELS: readonly Gold[] = ['tie', 'first', 'second'];

/** How its figures count. */
const RULE = 'no verdict is read as a tie';

export const pandalm: Benchmark = {
  name: 'pandalm',
  title: 'PandaLM test set',
  source: 'arXiv 2306.05087; github.com/WeOpenML/PandaLM at 3871806, README and data/',
  itemFiles: [{ dataset: 'pandalm', file: /(^|\/)testset-v1\.json$/ }],
  subsetBy: 'slice',
  // Unparsed verdicts count as a tie.
  convention: { unparsed: 'tie' },
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
        // A key of more parts cannot be split into two names.
        ...(models.length === 2 ? { models: [models[0], models[1]] as const } : {}),
      });
      return { ...item, humanVotes };
    }),
  scoring: {
    rule: RULE,
    scoresOf: ({ gold, named }) => named.map((name) => (name == null ? undefined : Number(name === gold))),
  },
  figuresOf: classificationFigures,
  goldAgreement: annotatorAgreement,
};

/** Accuracy, and precision, recall and F1 as the mean over the three labels, as scikit-learn's `macro` has them. */
function classificationFigures(table: VerdictTable): Figures {
  const accuracy = new ShareCounter();
  const matrix = new ConfusionMatrix<Gold>();
  const cellsByCluster = new Map<string, Cell[]>();
  const unscoredReasons: Record<string, number> = {};
  for (const { gold, named, index } of namedPairs(table)) {
    // The recorded judges saw each pair as listed; a judge that is run here may see either order.
    const asked = named.filter((name) => name !== undefined);
    const read = asked.filter((name) => name !== null);
    const cluster = table.clusterOf(index);
    accuracy.add({ sum: read.filter((name) => name === gold).length, size: read.length }, { cluster });
    for (const name of read) {
      matrix.add(gold, name);
      const key = cluster ?? `item ${index}`;
      cellsByCluster.set(key, [...(cellsByCluster.get(key) ?? []), [gold, name]]);
    }
    for (const [i, shown] of SHOWN.entries())
      if (named[i] === null) addCount(unscoredReasons, reasonIn(table.unparsedOf(index, shown)));
  }
  accuracy.addUnscored(unscoredReasons);
  const { unscored } = accuracy.estimate();
  const kinds = kindsOf([...cellsByCluster.values()]);
  const nClusters = cellsByCluster.size;
  const figure = (score: keyof MacroScores): Estimate => ({
    value: matrix.macro()?.[score] ?? null,
    n: matrix.n,
    nClusters,
    unscored,
    ...(unscored > 0 && { unscoredReasons }),
    ...bootstrapStatistic(kinds, (resample) => matrixOf(resample, matrix.labels()).macro()?.[score] ?? null, {
      random: deriveRandom('pandalm', score),
    }),
    convention: RULE,
    method: `mean over the labels; percentile bootstrap 95% over ${nClusters} clusters, t adjustment, 2,000 resamples`,
  });
  return {
    accuracy: { ...accuracy.estimate(), convention: RULE },
    macroPrecision: figure('precision'),
    macroRecall: figure('recall'),
    macroF1: figure('f1'),
  };
}

type Cell = readonly [gold: Gold, named: Gold];

/** Clusters with the same contents as one kind, in an order that does not depend on that of the rows. */
function kindsOf<Item>(clusters: readonly (readonly Item[])[]): Repeated<readonly Item[]>[] {
  return [...groupBy(clusters, (items) => items.map(String).sort().join(' '))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, [item = [], ...others]]) => ({ item, times: 1 + others.length }));
}

function matrixOf(
  resample: readonly Repeated<readonly Cell[]>[],
  labels: readonly Gold[],
): ConfusionMatrix<Gold> {
  const matrix = new ConfusionMatrix<Gold>(labels);
  for (const { item, times } of resample) for (const cell of item) matrix.add(...cell, times);
  return matrix;
}

/** Kappa of the three annotators: of each pair, and of all. Rows without three labels are unscored. */
async function annotatorAgreement(rows: AsyncIterable<Row>): Promise<Figures> {
  const byCluster = new Map<string, number[][]>();
  let unscored = 0;
  for await (const row of rows) {
    const parsed = 'row' in row ? annotationsSchema.safeParse(row.row) : null;
    if (parsed?.success) {
      const { instruction, input = '', ...rest } = parsed.data;
      const prompt = instruction === undefined ? `line ${row.line}` : JSON.stringify([instruction, input]);
      byCluster.set(prompt, [...(byCluster.get(prompt) ?? []), annotationsOf(rest)]);
    } else unscored++;
  }
  const annotations = [...byCluster.values()].flat();
  const kinds = kindsOf([...byCluster.values()]);
  const figure = (name: string, statistic: (labels: readonly number[][]) => number | null): Estimate => ({
    value: statistic(annotations),
    n: annotations.length,
    nClusters: byCluster.size,
    unscored,
    ...bootstrapStatistic(kinds, (resample) => statistic(expanded(resample)), {
      random: deriveRandom('pandalm', name),
      nResamples: N_RESAMPLES_OF_KAPPAS,
    }),
    method: `${name}; percentile bootstrap 95% over ${byCluster.size} clusters, t adjustment, ${N_RESAMPLES_OF_KAPPAS} resamples`,
  });
  const cohens = (a: number, b: number): Estimate =>
    figure(`Cohen's kappa of annotators ${a + 1} and ${b + 1}`, (labels) =>
      cohensKappa(
        labels.map((row) => row[a] ?? 0),
        labels.map((row) => row[b] ?? 0),
      ),
    );
  return {
    'cohensKappa annotators 1 and 2': cohens(0, 1),
    'cohensKappa annotators 1 and 3': cohens(0, 2),
    'cohensKappa annotators 2 and 3': cohens(1, 2),
    fleissKappa: figure("Fleiss' kappa of three annotators", (labels) =>
      fleissKappa(labels.map((row) => LABELS.map((_, label) => row.filter((l) => l === label).length))),
    ),
  };
}

function expanded<Item>(resample: readonly Repeated<readonly Item[]>[]): Item[] {
  return resample.flatMap(({ item, times }) => Array<readonly Item[]>(times).fill(item).flat());
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
