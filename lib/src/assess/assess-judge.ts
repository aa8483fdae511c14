// The assessment of a judge: from the figures of a run to an answer to whether its judge can be trusted.
import type { Acceptance, Assessment, AssessmentCheck, Level } from '../schema/assessment.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import type { IterationManifest } from '../schema/manifest.js';
import type { OverlapReport } from '../schema/overlap.js';
import type { PairAudit } from '../schema/pair-audit.js';
import type { ReviewResult } from '../schema/review.js';
import type { AssessmentLimits } from './limits-schema.js';

/** What is known of a run. */
export interface AssessmentGround {
  /** From the seed model's on; the last judge is assessed. */
  iterations: readonly IterationMetrics[];
  manifests: readonly Pick<IterationManifest, 'iteration' | 'stages'>[];
  /** What the surface of the examples gives away on which each iteration was trained; of one that is not trained yet, too. */
  trainingSets: readonly { iteration: number; value: PairAudit }[];
  /** Overlap of instructions and benchmark; null: not checked. */
  overlap: OverlapReport | null;
  /** What people say so far. */
  reviews: readonly ReviewResult[];
  acceptances: readonly Acceptance[];
  limits: AssessmentLimits;
}

const LEVELS: readonly Level[] = ['red', 'amber', 'unknown', 'green'];

/** Assesses the last judge of a run. */
export function assessJudge(ground: AssessmentGround): Assessment {
  const last = ground.iterations.at(-1);
  if (!last) throw new RangeError('expected the figures of at least the seed model');
  const checks: AssessmentCheck[] = CHECKS.flatMap((check) => check(ground)).map((check) => {
    const accepted = ground.acceptances.find((acceptance) => acceptance.checks.includes(check.id));
    return check.level === 'red' && accepted ? { ...check, accepted } : check;
  });
  checks.sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  const [worst = 'unknown'] = checks.map(({ level }) => level).filter((level) => level !== 'unknown');
  return { iteration: last.iteration, model: last.model, level: worst, checks };
}

/** The red checks that nobody accepted and that speak against training on: of a training set, or of a trained judge. */
export function againstTrainingOn({ iteration, checks }: Assessment): AssessmentCheck[] {
  const red = checks.filter(({ level, accepted }) => level === 'red' && accepted === undefined);
  return red.filter(({ kind }) => kind === 'training-set' || (kind === 'shortcut' && iteration > 0));
}

/** In the order of their kinds. */
const CHECKS: readonly ((ground: AssessmentGround) => AssessmentCheck[])[] = [];
