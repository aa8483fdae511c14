// The assessment of a judge: from the figures of a run to an answer to whether its judge can be trusted.
import {
  checkKindSchema,
  type Acceptance,
  type Assessment,
  type AssessmentCheck,
  type CheckKind,
  type Level,
} from '../schema/assessment.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import type { PairAudit } from '../schema/pair-audit.js';
import type { ReviewResult } from '../schema/review.js';
import {
  consistencyCheck,
  gainChecks,
  identicalCheck,
  lostItemsChecks,
  trivialChecks,
} from './figure-checks.js';
import type { FoundCheck } from './levels.js';
import { assessmentLimitsSchema, type AssessmentLimits } from './limits-schema.js';
import { overlapCheck, tunedChecks, type ComparedTexts } from './overlap-checks.js';
import { peopleChecks } from './people-checks.js';
import { shortcutChecks } from './shortcut-checks.js';
import { trainingSetChecks } from './training-set-checks.js';

/** What is known of a run. */
export interface AssessmentGround {
  /** From the seed model's on; the last judge is assessed. */
  iterations: readonly IterationMetrics[];
  /** What the surface of the examples gives away on which each iteration was trained; of one that is not trained yet, too. */
  trainingSets: readonly { iteration: number; value: PairAudit }[];
  /** Overlaps of instructions and training texts with the benchmarks; empty: not checked. */
  overlaps: readonly ComparedTexts[];
  /** The benchmarks on whose sets the checkpoints of its judges were chosen; empty: none. */
  tunedOn: readonly string[];
  /** What people say so far. */
  reviews: readonly ReviewResult[];
  acceptances: readonly Acceptance[];
  limits: AssessmentLimits;
}

/** The worst first; what is not known says nothing about the whole. */
const LEVELS: readonly Level[] = ['red', 'amber', 'unknown', 'green'];
const KINDS = checkKindSchema.options;

/** Assesses the last judge of a run. @throws RangeError without any figures */
export function assessJudge(ground: AssessmentGround): Assessment {
  const last = ground.iterations.at(-1);
  if (!last) throw new RangeError('expected the figures of at least the seed model');
  const checks = inOrder(
    checksOf(ground, last).map((check): AssessmentCheck => {
      const accepted = ground.acceptances.find((acceptance) => acceptance.checks.includes(check.id));
      return check.level === 'red' && accepted ? { ...check, accepted } : check;
    }),
  );
  return { iteration: last.iteration, model: last.model, level: levelOfAll(checks), checks };
}

/** Kinds of which something must be known before nothing found is good news. */
const NEEDED: readonly CheckKind[] = ['trivial-judges', 'shortcut'];

function levelOfAll(checks: readonly AssessmentCheck[]): Level {
  const known = checks.filter(({ level }) => level !== 'unknown');
  const isEnough = NEEDED.every((needed) => known.some(({ kind }) => kind === needed));
  const worst = known[0]?.level ?? 'unknown';
  return worst === 'green' && !isEnough ? 'unknown' : worst;
}

function checksOf(
  { iterations, trainingSets, overlaps, tunedOn, reviews, limits }: AssessmentGround,
  last: IterationMetrics,
): FoundCheck[] {
  const latestSet = [...trainingSets].sort((a, b) => a.iteration - b.iteration).at(-1);
  return [
    ...gainChecks(last),
    ...trivialChecks(last),
    ...shortcutChecks(last, limits.shortcut),
    consistencyCheck(last, limits.contradictions),
    ...trainingSetChecks(latestSet, limits.trainingSet),
    ...lostItemsChecks(last, limits.lostItems),
    ...identicalCheck(iterations),
    overlapCheck(overlaps),
    ...(last.iteration > 0 ? tunedChecks(tunedOn) : []),
    ...peopleChecks(reviews, last.iteration),
  ];
}

/** The checks of a file of pairs as a training set, red first. */
export function assessTrainingSet(
  value: PairAudit,
  { trainingSet }: Pick<AssessmentLimits, 'trainingSet'> = assessmentLimitsSchema.parse({}),
): AssessmentCheck[] {
  return inOrder(trainingSetChecks({ iteration: null, value }, trainingSet));
}

function inOrder(checks: AssessmentCheck[]): AssessmentCheck[] {
  const place = ({ level, kind }: AssessmentCheck): number =>
    LEVELS.indexOf(level) * KINDS.length + KINDS.indexOf(kind);
  return checks.sort((a, b) => place(a) - place(b));
}

/**
 * The red checks that nobody accepted and that speak against training on: of a training set, or a shortcut of a trained judge. Those of the
 * seed model are what the loop is to mend; what they would make of a training set is seen there.
 */
export function againstTrainingOn({ iteration, checks }: Assessment): AssessmentCheck[] {
  const red = checks.filter(({ level, accepted }) => level === 'red' && accepted === undefined);
  return red.filter(({ kind }) => kind === 'training-set' || (kind === 'shortcut' && iteration > 0));
}
