// Processes that outlive this program: started at most once in a folder, recognized after any crash, ended with all their children.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ConfigError, DataError, hasErrorCode, messageOf } from '../../core/errors.js';
import { readError, readTextIfPresent } from '../../core/files.js';
import { identityOf, isProcessAlive, processIdentitySchema } from '../../core/process-identity.js';
import type { RunFolder } from '../../store/run-folder.js';
import { JOB_FILES } from './job-values.js';

/**
 * Runs a command and saves that it started, its process id, and its exit code; each of the three appears whole. Only the process that
 * creates the folder `started` runs the command, so a second start does nothing. The shell catches signals with an empty handler, which
 * children do not inherit, so that it can save the exit code of a command that a signal ended.
 */
const WRAPPER = `
mkdir "$1/${JOB_FILES.started}" 2>/dev/null || exit 0
trap : TERM INT HUP
echo $$ > "$1/${JOB_FILES.started}/pid.partial" && mv "$1/${JOB_FILES.started}/pid.partial" "$1/${JOB_FILES.started}/pid" || exit 1
folder=$1
shift
"$@"
code=$?
echo $code > "$folder/${JOB_FILES.exitCode}.partial" && mv "$folder/${JOB_FILES.exitCode}.partial" "$folder/${JOB_FILES.exitCode}"
`;

const processSchema = processIdentitySchema.strict().extend({
  /** Process ids mean something on one machine only. */
  host: z.string(),
  /** When the process was recorded, in milliseconds since 1970. */
  notedMs: z.number(),
});

/** The state of a process. */
export type DetachedState =
  | { state: 'not-started' }
  | { state: 'running'; host: string }
  /** `code` is null if the process was killed together with the shell that would have saved it, or its machine went down. */
  | { state: 'ended'; code: number | null };

/** A command to start. */
export interface DetachedCommand {
  /** The program and its arguments. */
  command: readonly string[];
  workingFolder: string;
  /** Its output is appended to this file of the folder. */
  logFile: string;
  environment: NodeJS.ProcessEnv;
}

/** Longest time until a started process has saved its id, in milliseconds. */
const START_MS = 30_000;

/**
 * Starts a command in a folder unless it was started there before, and returns once it runs. It goes on when this process ends.
 * @throws ConfigError when there is no shell, DataError when the folder cannot be written
 */
export async function startDetached(
  folder: RunFolder,
  { command, workingFolder, logFile, environment }: DetachedCommand,
): Promise<void> {
  const log = await open(folder.file(logFile), 'a');
  try {
    const child = spawn('/bin/sh', ['-c', WRAPPER, 'autodidact-job', folder.path, ...command], {
      cwd: workingFolder,
      env: environment,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await once(child, 'spawn');
    child.unref();
  } catch (cause) {
    throw new ConfigError({
      subject: 'trainer.command',
      expected: 'a shell at /bin/sh and a command that is short enough for it',
      received: messageOf(cause),
      remedy: 'On Windows, run the trainer inside WSL; put long arguments into a template.',
      cause,
    });
  } finally {
    await log.close();
  }
  const untilMs = Date.now() + START_MS;
  while (Date.now() < untilMs) {
    if ((await lookAt(folder)).state !== 'not-started') return;
    await sleep(5);
  }
  throw new DataError({
    subject: folder.path,
    expected: 'the started trainer to save its process id there',
    received: `nothing within ${START_MS} ms`,
    remedy: 'Check that the folder can be written and that the disk is not full.',
  });
}

/** The state of the process of a folder. @throws DataError */
export async function lookAt(folder: RunFolder): Promise<DetachedState> {
  const ended = await exitOf(folder);
  if (ended !== null) return ended;
  const noted = await notedProcess(folder);
  if (noted === null)
    return (await diedAtStart(folder)) ? { state: 'ended', code: null } : { state: 'not-started' };
  const isHere = noted.host === hostname();
  if (!isHere || (await isProcessAlive(noted))) return { state: 'running', host: noted.host };
  // It may have ended between the two checks.
  return (await exitOf(folder)) ?? { state: 'ended', code: null };
}

/** Ends the process of a folder and its children, with SIGTERM and then SIGKILL. @param graceMs between the two @throws DataError */
export async function endDetached(folder: RunFolder, graceMs: number): Promise<void> {
  const noted = await notedProcess(folder);
  if (noted?.host !== hostname()) return;
  if (!(await isProcessAlive(noted))) return;
  signalGroup(noted.pid, 'SIGTERM');
  const untilMs = Date.now() + graceMs;
  while (Date.now() < untilMs && (await isProcessAlive(noted))) await sleep(20);
  // Also ends children that the leader left behind.
  signalGroup(noted.pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (thrown) {
    if (!hasErrorCode(thrown, 'ESRCH')) throw thrown;
  }
}

async function exitOf(folder: RunFolder): Promise<DetachedState | null> {
  const text = await readTextIfPresent(folder.file(JOB_FILES.exitCode));
  return text === null ? null : { state: 'ended', code: Number(text) };
}

/** Whether the shell was killed after it had claimed the folder and before it could save its id. */
async function diedAtStart(folder: RunFolder): Promise<boolean> {
  try {
    return Date.now() - (await stat(folder.file(JOB_FILES.started))).mtimeMs > START_MS;
  } catch (thrown) {
    if (hasErrorCode(thrown, 'ENOENT')) return false;
    throw readError(folder.path, thrown);
  }
}

/** The process of a folder, from the record or, the first time, from the id that the shell saved. */
async function notedProcess(folder: RunFolder): Promise<z.output<typeof processSchema> | null> {
  const noted = await folder.readJson(JOB_FILES.process, processSchema);
  if (noted !== null) return noted;
  const written = await readTextIfPresent(folder.file(join(JOB_FILES.started, 'pid')));
  if (written === null) return null;
  const identity = await identityOf(Number(written));
  // If that was long ago, another process may have that id now. It gets a start time that no process has.
  const isIt = await isWrapperOf(folder, identity.pid);
  const startedAt = isIt ? identity.startedAt : 'not known';
  const found = { pid: identity.pid, startedAt, host: hostname(), notedMs: Date.now() };
  await folder.writeJson(JOB_FILES.process, found);
  return found;
}

/** Whether a process is the shell of this folder, which is among its arguments. Assumed on systems that do not show arguments. */
async function isWrapperOf(folder: RunFolder, pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').includes(folder.path);
  } catch {
    return false;
  }
}
