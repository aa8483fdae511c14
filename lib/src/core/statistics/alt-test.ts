// The alternative annotator test: whether a judge may stand in for human annotators (Calderon, Reichart and Dror 2025, arXiv 2501.10970).
import { benjaminiYekutieli } from './benjamini-yekutieli.js';
import { checkNumber, INSIDE_0_TO_1, type Expected, wholeFrom } from './checks.js';
import { studentTWithin } from './student-t.js';
import { mean, standardDeviation } from './summary.js';

/** The labels that one annotator gave, by item. */
export type LabelsByItem = ReadonlyMap<string, string | number>;

/** How to make the test. */
export interface AltTestOptions {
  /** By how much a human may do better and still be replaced: the source has 0.2 for experts, 0.15 for skilled annotators, 0.1 for a crowd. */
  epsilon: number;
  /** The false discovery rate; default 0.05. */
  q?: number;
  /** Annotators with fewer items than this are left out; default 30, where the t test begins to hold. */
  leastItems?: number;
}

/** One annotator, who was left out in turn and compared with the judge. */
export interface ComparedAnnotator {
  annotator: string;
  /** Items that this annotator, another one and the judge have labelled. */
  nItems: number;
  /** The share of items on which the judge agrees with the others at least as much as this annotator does. */
  advantage: number;
  /** Adjusted for all annotators. */
  pValue: number;
  /** The judge is as good as this annotator, but for epsilon. */
  isBeaten: boolean;
}

/** The outcome of the test. */
export interface AltTest {
  annotators: ComparedAnnotator[];
  /** Annotators with too few items. */
  leftOut: { annotator: string; nItems: number }[];
  /** The share of annotators that the judge beats; null where none could be compared. */
  winningRate: number | null;
  /** The mean advantage; null as above. It compares judges. */
  advantageProbability: number | null;
}

const EPSILON: Expected = { words: 'a number from 0 to below 1', holds: (value) => value >= 0 && value < 1 };

/**
 * Leaves out each annotator in turn. On each item, the judge and that annotator are scored by the share of the other annotators who gave the
 * same label; one-sided paired t tests, with the false discovery rate of Benjamini and Yekutieli, say which annotators do not score higher
 * by epsilon. A judge that beats at least half of them passes. Items with fewer than two annotators say nothing and are not counted.
 * @param annotators labels by annotator; the source asks for at least three of them
 * @param judge the judge's labels
 * @throws RangeError for options outside their ranges
 */
export function altTest(
  annotators: ReadonlyMap<string, LabelsByItem>,
  judge: LabelsByItem,
  { epsilon, q = 0.05, leastItems = 30 }: AltTestOptions,
): AltTest {
  checkNumber(epsilon, 'altTest(epsilon)', EPSILON);
  checkNumber(q, 'altTest(q)', INSIDE_0_TO_1);
  checkNumber(leastItems, 'altTest(leastItems)', wholeFrom(2));
  const leftOut: AltTest['leftOut'] = [];
  const compared: { annotator: string; wins: Wins[] }[] = [];
  for (const annotator of annotators.keys()) {
    const wins = winsAgainst(annotator, annotators, judge);
    if (wins.length < leastItems) leftOut.push({ annotator, nItems: wins.length });
    else compared.push({ annotator, wins });
  }
  const pValues = benjaminiYekutieli(
    compared.map(({ wins }) =>
      lessThan(
        epsilon,
        wins.map(({ human, judge: ofJudge }) => human - ofJudge),
      ),
    ),
  );
  const outcomes = compared.map(({ annotator, wins }, i): ComparedAnnotator => {
    const pValue = pValues[i] ?? 1;
    const advantage = mean(wins.map(({ judge: ofJudge }) => ofJudge)) ?? 0;
    return { annotator, nItems: wins.length, advantage, pValue, isBeaten: pValue <= q };
  });
  return {
    annotators: outcomes,
    leftOut,
    winningRate: mean(outcomes.map(({ isBeaten }) => Number(isBeaten))),
    advantageProbability: mean(outcomes.map(({ advantage }) => advantage)),
  };
}

/** On one item: 1 for the side that agrees with the others at least as much as the other side does. */
interface Wins {
  judge: 0 | 1;
  human: 0 | 1;
}

function winsAgainst(
  annotator: string,
  annotators: ReadonlyMap<string, LabelsByItem>,
  judge: LabelsByItem,
): Wins[] {
  return [...(annotators.get(annotator) ?? [])].flatMap(([item, label]): Wins[] => {
    const ofJudge = judge.get(item);
    const others = [...annotators].flatMap(([other, labels]) => {
      const theirs = other === annotator ? undefined : labels.get(item);
      return theirs === undefined ? [] : [theirs];
    });
    if (ofJudge === undefined || others.length === 0) return [];
    const alike = (own: string | number): number => others.filter((theirs) => theirs === own).length;
    const lead = alike(ofJudge) - alike(label);
    return [{ judge: lead >= 0 ? 1 : 0, human: lead <= 0 ? 1 : 0 }];
  });
}

/** One-sided p of Student's test that the mean of the values is below a bound; values that are all alike decide by themselves. */
function lessThan(bound: number, values: readonly number[]): number {
  const centre = mean(values) ?? bound;
  const spread = standardDeviation(values) ?? 0;
  if (spread === 0) return centre < bound ? 0 : 1;
  const t = (centre - bound) / (spread / Math.sqrt(values.length));
  const tail = (1 - studentTWithin(Math.abs(t), values.length - 1)) / 2;
  return t < 0 ? tail : 1 - tail;
}
