// The figures of a run as the terminal shows them: its iterations and, of several benchmarks, one line for each.
import { benchmarkTable, iterationTable, toText } from '../report/index.js';
import type { IterationMetrics } from '../schema/evaluation.js';

/** Of several benchmarks the iterations are those of the headline, which is named above them. @param iterations at least one */
export function runFigures(iterations: readonly IterationMetrics[]): string {
  const table = toText(iterationTable(iterations));
  const several = benchmarkTable(iterations);
  if (several.rows.length < 2) return table;
  const note = iterations.length > 1 ? '\nEach p is of one test, not corrected for their number.' : '';
  return `on ${iterations[0]?.benchmark ?? ''}, the headline:\n${table}\n\n${toText(several)}${note}`;
}
