// `autodidact status`: shows the runs and their progress.
import { DataError } from '../core/errors.js';
import { observeRun, observeRuns, type ObservedRun, type ServerState } from '../experiment/index.js';
import { printable } from '../core/text.js';
import { stageName } from '../schema/manifest.js';
import {
  count,
  duration,
  iterationsText,
  NO_VALUE,
  percentWithInterval,
  toText,
  unscored,
  usd,
} from '../report/index.js';
import { progressLine, runLeftText } from './progress-display.js';

/** Shows one run or all. @throws DataError when there is no such run */
export async function statusCommand(
  runFolder: string | undefined,
  options: { results: string; json: boolean },
): Promise<void> {
  if (runFolder === undefined) {
    // A run that cannot be read does not hide the others.
    const runs = await observeRuns(options.results, ({ subject, received }) => {
      process.stderr.write(`left out: ${printable(`${subject}: ${received ?? 'not a status'}`)}\n`);
    });
    process.stdout.write(options.json ? `${JSON.stringify(runs)}\n` : listOf(runs, options.results));
    return;
  }
  const run = await observeRun(runFolder);
  if (!run)
    throw new DataError({
      subject: runFolder,
      expected: 'the folder of a run',
      received: 'no status.json in it',
      remedy: 'Show all runs with: autodidact status',
    });
  process.stdout.write(options.json ? `${JSON.stringify(run)}\n` : detailsOf(run, Date.now()));
}

/** Runs, one a line, with what their last judge's accuracy is of. */
export function listOf(runs: readonly ObservedRun[], resultsFolder: string): string {
  if (runs.length === 0) return `no runs below ${resultsFolder}; start one with: autodidact run <config>\n`;
  const table = toText({
    header: ['run', 'state', 'iteration', 'accuracy % [95%]', 'n', 'unscored', 'updated'],
    rows: runs.map(({ folder, state, iterations, nIterations, updatedAt }) => {
      const last = iterations.at(-1);
      const reached = nIterations === 0 ? 'seed' : `${last?.iteration ?? '–'}/${nIterations}`;
      const accuracy = last?.metrics.accuracy;
      const figures = accuracy
        ? [percentWithInterval(accuracy), count(accuracy.n), unscored(accuracy)]
        : [NO_VALUE, '', ''];
      return [folder, state, reached, ...figures, updatedAt];
    }),
  });
  return `${table}\n`;
}

/** One run in a few lines. @param nowMs milliseconds since 1970 */
export function detailsOf(run: ObservedRun, nowMs: number): string {
  const state = run.state === 'capped' ? `stopped by the cap ${run.stoppedBy ?? ''}` : run.state;
  const lines = [`${run.folder}: ${state}, updated ${ageOf(run, nowMs)}`];
  if (run.state === 'waiting') lines.push(...(run.waitsFor ?? '').trim().split('\n'));
  if (run.state !== 'finished') {
    lines.push(...finishedStages(run));
    if (run.progress) lines.push(progressLine(run.progress));
    if (run.state === 'running' && run.runLeft) lines.push(runLeftText(run.runLeft).trim());
  }
  if (run.state === 'running') lines.push(...run.servers.map((server) => serverLine(server, nowMs)));
  lines.push(...usageLines(run));
  const { lastError } = run;
  if (lastError && run.state !== 'finished') {
    const place = [lastError.server, lastError.code].filter((part) => part !== null).join(' ');
    lines.push(`last error, ${lastError.at}${place === '' ? '' : `, ${place}`}: ${lastError.message}`);
  }
  const table = run.iterations.length > 0 ? `\n${iterationsText(run.iterations)}\n` : '';
  return `${lines.map((line) => printable(line, Number.POSITIVE_INFINITY)).join('\n')}\n${table}`;
}

/** The age matters only while the run is active. */
function ageOf({ state, updatedAt }: ObservedRun, nowMs: number): string {
  const ageMs = nowMs - Date.parse(updatedAt);
  return state === 'running' && ageMs >= 0 ? `${updatedAt}, ${duration(ageMs)} ago` : updatedAt;
}

function finishedStages({ progress, stages }: ObservedRun): string[] {
  return stages
    .map(({ nKept, nInput, ...stage }) => ({ name: stageName(stage), nKept, nInput }))
    .filter(({ name }) => progress === null || name !== stageName(progress))
    .map(({ name, nKept, nInput }) => `${name.padEnd(8)}  ${count(nKept)} of ${count(nInput)} kept`);
}

function serverLine({ server, state, limit, pausedUntil }: ServerState, nowMs: number): string {
  const words = { closed: 'in use', open: 'not in use', 'half-open': 'being tried again' };
  const parts = [`server ${server}: ${words[state]}`];
  if (limit !== null) parts.push(`at most ${count(limit)} requests at once`);
  const pauseMs = pausedUntil === null ? 0 : Date.parse(pausedUntil) - nowMs;
  if (pauseMs > 0) parts.push(`pausing for ${duration(pauseMs)}`);
  return parts.join(', ');
}

/** What this attempt used, its errors, and what all attempts cost. */
function usageLines({ usage, spent }: ObservedRun): string[] {
  const lines: string[] = [];
  if (usage) {
    const { requests, retries, completions, cachedCompletions, promptTokens, completionTokens } = usage;
    const fromStore = cachedCompletions > 0 ? ` and ${count(cachedCompletions)} from the store` : '';
    const tokens = `tokens ${count(promptTokens)} in, ${count(completionTokens)} out`;
    lines.push(
      `this attempt: requests ${count(requests)}, completions ${count(completions)}${fromStore}, ${tokens}`,
    );
    const errors = Object.entries(usage.errors).sort(([, a], [, b]) => b - a);
    const kinds = errors.map(([code, n]) => `${code} ${count(n)}`).join(', ');
    if (retries > 0 || kinds !== '')
      lines.push(`retries ${count(retries)}${kinds === '' ? '' : `; failed attempts: ${kinds}`}`);
  }
  if (spent) {
    const cost = spent.costUsd === null ? 'unknown (no price set)' : usd(spent.costUsd);
    lines.push(`all attempts: requests ${count(spent.requests)}, cost ${cost}`);
  }
  return lines;
}
