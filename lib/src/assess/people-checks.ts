// What people say about a run.
import { counted, percent, percentWithInterval } from '../report/index.js';
import type { Level } from '../schema/assessment.js';
import type { ReviewResult } from '../schema/review.js';
import type { FoundCheck } from './levels.js';

const ASKED: Readonly<Record<ReviewResult['stage'], string>> = {
  select: 'say that instructions are fit',
  generate: 'say that the known winner is better',
  filter: 'say that kept reasoning is sound',
  evaluate: 'say that the gold label is right',
};

/** One check for each stage that people have answered about. Answers about another iteration than the assessed one say nothing of it. */
export function peopleChecks(reviews: readonly ReviewResult[], assessed: number): FoundCheck[] {
  const latest = new Map<string, ReviewResult>();
  for (const result of reviews.filter(({ nAnswered }) => nAnswered > 0)) {
    const key = [result.stage, result.benchmark ?? []].flat().join(', ');
    const found = latest.get(key)?.iteration;
    if (found !== assessed && (result.iteration === assessed || (found ?? -1) <= result.iteration))
      latest.set(key, result);
  }
  if (latest.size === 0)
    return [
      {
        id: 'people',
        kind: 'people',
        level: 'unknown',
        found: reviews.length === 0 ? 'nobody was asked' : 'nobody has answered yet',
        remedy: 'ask people about a few dozen pairs: autodidact review <run>, or autodidact view',
      },
    ];
  return [...latest].map(([key, result]) => ({
    id: `people: ${key}`,
    kind: 'people',
    ...(result.iteration === assessed ? saidOf(result) : saidOfAnother(result, assessed)),
  }));
}

type Said = Pick<FoundCheck, 'level' | 'found' | 'remedy'>;

function saidOfAnother({ stage, iteration }: ReviewResult, assessed: number): Said {
  const isAsked = assessed > 0 || stage === 'evaluate';
  return {
    level: 'unknown',
    found: `people have answered about iteration ${iteration}, not about iteration ${assessed}`,
    remedy: isAsked ? `ask about it: autodidact review <run> --stage ${stage} --iteration ${assessed}` : null,
  };
}

function saidOf({
  stage,
  iteration,
  approval,
  reviewers,
  betweenReviewers,
  withJudge,
  altTest,
  need,
}: ReviewResult): Said {
  const ofApproval = levelOf(approval, need);
  const isUnlikeThem = altTest?.winningRate != null && altTest.winningRate < 0.5;
  const level = ofApproval === 'green' && isUnlikeThem ? 'amber' : ofApproval;
  const more =
    need?.state !== 'open' || need.nMoreItems === null
      ? ''
      : `; about ${counted(need.nMoreItems, 'more item')} would tell`;
  const tooFew = level === 'unknown' && !need ? 'too few answers to tell: ' : '';
  const parts = [
    `${tooFew}${percentWithInterval(approval)} % of ${counted(approval.n, 'answer')} of ${counted(reviewers.length, 'reviewer')} ${ASKED[stage]} (iteration ${iteration})`,
    ...(need ? [`needed: ${percent(need.share)}%, ${WORDS[need.state]}${more}`] : []),
    ...(betweenReviewers?.chanceCorrected != null
      ? [`alpha between them ${betweenReviewers.chanceCorrected.toFixed(2)}`]
      : []),
    ...(withJudge?.chanceCorrected != null
      ? [`kappa with the judge ${withJudge.chanceCorrected.toFixed(2)}`]
      : []),
    ...(altTest?.winningRate != null
      ? [`alternative annotator test: the judge ${isUnlikeThem ? 'may not' : 'may'} stand in for them`]
      : []),
  ];
  const remedy =
    level === 'red' || level === 'amber'
      ? 'read the items on which people disagree with the run, and mend what made them'
      : level === 'unknown'
        ? 'ask for more answers: autodidact review <run>'
        : null;
  return { level, found: parts.join('; '), remedy };
}

const WORDS = { met: 'met', failed: 'not met', open: 'still open' } as const;

/** Opinions are shown to be divided where the interval leaves this share or more on either side. */
const DIVIDED = 0.25;

/** Without a need: green where more approve than not, red where fewer do, amber where they are shown to be divided. */
function levelOf({ low, high }: ReviewResult['approval'], need: ReviewResult['need']): Level {
  if (need) return need.state === 'met' ? 'green' : need.state === 'failed' ? 'red' : 'unknown';
  if (low === null || high === null) return 'unknown';
  if (low > 0.5) return 'green';
  if (high < 0.5) return 'red';
  return low >= DIVIDED && high <= 1 - DIVIDED ? 'amber' : 'unknown';
}
