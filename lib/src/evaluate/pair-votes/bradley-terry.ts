// Strengths of systems from their comparisons (R. A. Bradley and M. E. Terry 1952, Biometrika 39:324-345): the odds of one against another
// are the ratio of their strengths; a tie is half a win for both.

/** Points of systems against each other: `points[i][j]` are those of i against j, and `points[i][j] + points[j][i]` their comparisons. */
export type PointTable = readonly (readonly number[])[];

/** Newton's method ends where no log-strength changes by more, in natural logarithms, and never takes a longer step than this. */
const TOLERANCE = 1e-10;
const LONGEST_STEP = 2;
const MOST_STEPS = 200;

/**
 * Ratings on the scale of chess: 400 points are odds of ten to one, 1000 is the mean. They are the maximum of the likelihood with one
 * imagined tie of every system against one of rating 1000, so that a system that always wins has a finite rating too.
 * @returns one rating per system
 */
export function bradleyTerry(points: PointTable): number[] {
  const strengths = points.map(() => 0);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { gradient, information } = slopes(points, strengths);
    const change = solve(information, gradient);
    const longest = Math.max(0, ...change.map(Math.abs));
    const scale = longest > LONGEST_STEP ? LONGEST_STEP / longest : 1;
    for (const [i, value] of change.entries()) strengths[i] = (strengths[i] ?? 0) + scale * value;
    if (longest < TOLERANCE) break;
  }
  return strengths.map((strength) => 1000 + (400 / Math.LN10) * strength);
}

/** The gradient of the log-likelihood, and its negative second derivative, which is positive definite. */
function slopes(
  points: PointTable,
  strengths: readonly number[],
): { gradient: number[]; information: number[][] } {
  const information = points.map((row) => row.map(() => 0));
  const gradient = strengths.map((own, i) => {
    const row = information[i] ?? [];
    // The imagined tie.
    const even = chance(own);
    let slope = 0.5 - even;
    row[i] = even * (1 - even);
    for (const [j, other] of strengths.entries()) {
      const [won, lost] = [points[i]?.[j] ?? 0, points[j]?.[i] ?? 0];
      if (j === i || won + lost === 0) continue;
      const expected = chance(own - other);
      const weight = (won + lost) * expected * (1 - expected);
      slope += won - (won + lost) * expected;
      row[i] += weight;
      row[j] = -weight;
    }
    return slope;
  });
  return { gradient, information };
}

function chance(difference: number): number {
  return 1 / (1 + Math.exp(-difference));
}

/** Solves `matrix * x = right` for a positive definite matrix, by elimination. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length;
  const width = size + 1;
  const cells = Float64Array.from(matrix.flatMap((row, i) => [...row, right[i] ?? 0]));
  const at = (i: number, j: number): number => cells[i * width + j] ?? 0;
  for (let i = 0; i < size; i++) {
    for (let k = i + 1; k < size; k++) {
      const factor = at(k, i) / at(i, i);
      for (let j = i; j < width; j++) cells[k * width + j] = at(k, j) - factor * at(i, j);
    }
  }
  const solution = right.map(() => 0);
  for (let i = size - 1; i >= 0; i--) {
    let rest = at(i, size);
    for (let j = i + 1; j < size; j++) rest -= at(i, j) * (solution[j] ?? 0);
    solution[i] = rest / at(i, i);
  }
  return solution;
}
