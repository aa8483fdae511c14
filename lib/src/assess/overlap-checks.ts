// Whether a judge has seen what it is measured on: in its instructions, in what it was trained on, or in the choice of its checkpoint.
import { printable } from '../core/text.js';
import { count, counted } from '../report/index.js';
import type { OverlapReport } from '../schema/overlap.js';
import type { FoundCheck } from './levels.js';

/** What was compared with a benchmark. */
export interface ComparedTexts {
  /** Of several benchmarks, which; null: there is one. */
  benchmark: string | null;
  /** The iteration whose responses and judgments were compared; null: the instructions. */
  iteration: number | null;
  report: OverlapReport;
}

/** Whether training texts hold what the judge is measured on: the worst of all comparisons, and which ones those are. */
export function overlapCheck(compared: readonly ComparedTexts[]): FoundCheck {
  const all = compared.map(overlapIn);
  const level = (['red', 'amber', 'green'] as const).find((each) => all.some((one) => one.level === each));
  const worst = all.flatMap((one) => (one.level === level ? one.found : []));
  return {
    ...{ id: 'overlap', kind: 'overlap', level: level ?? 'unknown' },
    found: worst.join('; ') || 'instructions and benchmark were not checked for overlap',
    remedy:
      level === 'red'
        ? 'its figures may be of what it has seen: leave those instructions out (overlap.action: drop)'
        : null,
  };
}

function overlapIn({
  benchmark,
  iteration,
  report,
}: ComparedTexts): Pick<FoundCheck, 'found'> & { level: 'red' | 'amber' | 'green' } {
  const { overlappingItems, nNotWaived, settings, items } = report;
  const nItems = Object.values(items).reduce((sum, { n }) => sum + n, 0);
  const pairs = `${counted(nItems, 'held-out pair')}${benchmark === null ? '' : ` of ${printable(benchmark)}`}`;
  const texts = iteration === null ? 'the instructions' : `what iteration ${iteration} trained on`;
  if (overlappingItems.length === 0) return { level: 'green', found: `none of ${pairs} is among ${texts}` };
  // Instructions alone are left out, never what they have led to.
  const isDropped = settings.action === 'drop' && iteration === null;
  const isOpen = nNotWaived > 0 && !isDropped;
  return {
    level: isOpen ? 'red' : isDropped && nNotWaived === overlappingItems.length ? 'green' : 'amber',
    found: `${count(overlappingItems.length)} of ${pairs} overlap with ${texts}, ${isDropped ? 'whose copies were left out' : `${count(nNotWaived)} without a waiver`}`,
  };
}

/** That its checkpoints were chosen on what it is measured on; nothing where they were not. @param tunedOn names of such benchmarks */
export function tunedChecks(tunedOn: readonly string[]): FoundCheck[] {
  const names = tunedOn.map((name) => printable(name)).join(', ');
  const found = `its checkpoints were chosen on pairs of ${names}: it is tuned on what it is measured on`;
  const remedy = 'choose them on another set (finetune.checkpoint.benchmark)';
  return names === '' ? [] : [{ id: 'overlap: checkpoint', kind: 'overlap', level: 'amber', found, remedy }];
}
