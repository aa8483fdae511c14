// Runs and matrices as lines of a list.
import { addCount } from '../core/own.js';
import { printable } from '../core/text.js';
import type { ObservedRun } from '../experiment/index.js';
import { assessmentAnswer, assessmentParts } from '../report/index.js';
import type { Assessment } from '../schema/assessment.js';
import { stageName } from '../schema/manifest.js';
import type { MatrixReport } from '../schema/matrix.js';
import type { ListedAssessment, ListedMatrix, ListedRun } from './view-records.js';

/** A run, not assessed yet. @param run `<experiment>/<run>` */
export function asListedRun(observed: ObservedRun, run: string): ListedRun {
  const { experiment, state, updatedAt, nIterations, iterations, progress, runLeft, usage, spent } = observed;
  const isAtWork = state === 'running';
  return {
    kind: 'run',
    run,
    experiment,
    state,
    why: whyOf(observed),
    updatedAt,
    nIterations,
    accuracies: iterations.map(({ metrics }) => metrics.accuracy),
    assessment: null,
    stage:
      isAtWork && progress
        ? {
            name: stageName(progress),
            iteration: progress.iteration,
            done: progress.done,
            total: progress.total,
            perSecond: progress.recentPerSecond ?? progress.overallPerSecond ?? null,
            leftMs: progress.leftMs ?? null,
            detail: progress.detail ?? null,
          }
        : null,
    left: isAtWork ? runLeft : null,
    errors: usage?.errors ?? {},
    retries: usage?.retries ?? 0,
    costUsd: spent?.costUsd ?? null,
  };
}

function whyOf({ state, waitsFor, stoppedBy, lastError }: ObservedRun): string | null {
  if (state === 'waiting') return waitsFor;
  if (state === 'capped') return `ended by the cap ${stoppedBy ?? ''}`;
  if (state === 'finished' || !lastError) return null;
  const { at, server, code, message } = lastError;
  return `${[`last error at ${at.slice(11, 19)} UTC`, server ?? [], code ?? []].flat().join(', ')}: ${message}`;
}

/** The answer about a judge, and what was found first. */
export function asListedAssessment(assessment: Assessment): ListedAssessment {
  const [worst] = assessmentParts(assessment).telling;
  return { level: assessment.level, answer: assessmentAnswer(assessment), found: worst?.found ?? null };
}

/** A matrix, as its report and the listed runs say. @param updatedAt of its report, ISO 8601 */
export function asListedMatrix(
  { experiment, matrixId, baseline, seeds, arms }: MatrixReport,
  { folder, updatedAt, runs }: { folder: string; updatedAt: string; runs: ReadonlyMap<string, ListedRun> },
): ListedMatrix {
  const all = arms.flatMap((arm) =>
    arm.runs.map((run) => ({ ...run, now: runs.get(`${folder}/${run.runId}`) })),
  );
  const states = counts(all.map(({ state, now }) => (now?.state === 'running' ? 'running' : state)));
  const costs = all.flatMap(({ now }) => (now ? [now.costUsd] : []));
  return {
    kind: 'matrix',
    matrix: `${folder}/${matrixId}`,
    experiment,
    state: ['running', 'failed', 'waiting'].find((state) => Object.hasOwn(states, state)) ?? 'finished',
    problems: all.flatMap(({ runId, problem }) =>
      problem === null ? [] : printable(`${runId}: ${problem}`),
    ),
    updatedAt,
    baseline,
    nSeeds: seeds.length,
    arms: arms.map(({ label, byIteration }) => ({
      label,
      accuracies: byIteration.map(({ accuracy }) => accuracy.value),
    })),
    states,
    findings: counts(arms.flatMap(({ againstBaseline }) => againstBaseline?.finding.replace('-', ' ') ?? [])),
    costUsd: costs.includes(null) ? null : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0),
  };
}

function counts(words: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const word of words) addCount(found, word, 1);
  return found;
}
