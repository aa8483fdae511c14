// Gates of a run: where a red check speaks against training on, the run warns or ends, until somebody accepts that.
import { appendFile, rm } from 'node:fs/promises';
import { ConfigError, GateError } from '../../core/errors.js';
import { writeError } from '../../core/files.js';
import { printable } from '../../core/text.js';
import { againstTrainingOn } from '../../assess/index.js';
import { closedGateSchema, type Acceptance, type AssessmentCheck } from '../../schema/assessment.js';
import type { IterationMetrics } from '../../schema/evaluation.js';
import type { RunFolder } from '../../store/index.js';
import { RUN_FILES } from '../layout/run-files.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import { assessRun } from './assess-run.js';

/**
 * Passes a gate before an iteration generates or trains.
 * @param at.isBeforeTraining whether its training set is there
 * @param at.warned ids of checks that were warned of before; those of this gate are added
 * @throws GateError where audit.gate is stop and a red check is not accepted
 */
export async function passGate(
  { config, folder, observers }: Pick<OpenedExperiment, 'config' | 'folder' | 'observers'>,
  at: {
    iteration: number;
    iterations: readonly IterationMetrics[];
    isBeforeTraining: boolean;
    warned: Set<string>;
  },
): Promise<void> {
  const { iteration, iterations, isBeforeTraining, warned } = at;
  const { assessment } = await assessRun(folder, { config, iterations, withNext: isBeforeTraining });
  const red = againstTrainingOn(assessment);
  const isClosed = red.length > 0 && config.audit?.gate === 'stop';
  if (!isClosed) {
    // Of an earlier attempt, whose limits or settings were others.
    await openGate(folder);
    for (const { id, found } of red)
      if (!warned.has(id)) observers.warn(`before iteration ${iteration} trains: ${id}: ${found}`);
    for (const { id } of red) warned.add(id);
    return;
  }
  throw await closedGate(folder, {
    iteration,
    expected: 'no red check before it trains (audit.gate: stop)',
    red,
  });
}

/** Keeps that a gate is closed, so that it can be accepted. @returns the error that ends the run there */
export async function closedGate(
  folder: RunFolder,
  {
    iteration,
    expected,
    red,
  }: {
    iteration: number;
    expected: string;
    red: readonly Pick<AssessmentCheck, 'id' | 'found' | 'remedy'>[];
  },
): Promise<GateError> {
  await folder.writeJson(RUN_FILES.closedGate, { iteration, checks: red.map(({ id }) => id) });
  return new GateError({
    subject: `iteration ${iteration}`,
    expected,
    received: `\n${red.map(({ id, found, remedy }) => `  ${id}: ${found}\n    -> ${remedy ?? 'look at it'}`).join('\n')}\n`,
    remedy:
      'Settle that; or let the run go on in spite of it, by the same command with --accept "<reason>", which the report shows.',
  });
}

/** Forgets that an earlier attempt ended at a gate. */
export async function openGate(folder: RunFolder): Promise<void> {
  await rm(folder.file(RUN_FILES.closedGate), { force: true });
}

/**
 * Accepts what a gate has ended a run for, and opens it.
 * @param reason in the words of who accepts it
 * @returns whether a gate was closed
 * @throws ConfigError for an empty reason; DataError where it cannot be kept
 */
export async function acceptGate(folder: RunFolder, reason: string): Promise<boolean> {
  const words = printable(reason, MOST_WORDS).trim();
  if (words === '') {
    throw new ConfigError({
      subject: '--accept',
      expected: 'a reason, which the report shows',
      received: 'an empty one',
      remedy: 'Say why the run may go on, e.g. --accept "losers are short on purpose".',
    });
  }
  const gate = await folder.readJson(RUN_FILES.closedGate, closedGateSchema);
  if (!gate) return false;
  const acceptance: Acceptance = { at: new Date().toISOString(), ...gate, reason: words };
  const path = folder.file(RUN_FILES.acceptances);
  try {
    await appendFile(path, `${JSON.stringify(acceptance)}\n`);
    await openGate(folder);
  } catch (thrown) {
    throw writeError(path, thrown);
  }
  return true;
}

/** Characters of a reason. */
const MOST_WORDS = 1000;

/** That there is no closed gate to accept. */
export function nothingToAccept(subject: string): ConfigError {
  return new ConfigError({
    subject: '--accept',
    expected: 'a run that a gate has ended',
    received: `${subject}, which stands at none`,
    remedy: 'Leave --accept out: what is not found yet cannot be accepted.',
  });
}
