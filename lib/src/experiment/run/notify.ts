// Tells a command or an address how a run ended. A hook that fails is a warning, never a failure of the run.
import { spawn } from 'node:child_process';
import { BudgetError, GateError, messageOf, ReviewError } from '../../core/errors.js';
import { Connections } from '../../core/connections.js';
import { isoTime } from '../../core/iso-time.js';
import { withoutControls } from '../../core/text.js';
import type { NOTICES, NotifyConfig } from '../config/notify-config.js';

/** How long a hook may take, in milliseconds. */
const LONGEST_MS = 30_000;

/** What a hook gets, as JSON. It holds no keys. */
export interface Notice {
  event: (typeof NOTICES)[number];
  experiment: string;
  runId: string;
  /** Folder of the run. */
  folder: string;
  /** When the run ended, ISO 8601 in UTC. */
  at: string;
  /** Why it did not finish; null where it did. */
  message: string | null;
  /** Accuracy of the last judge on the benchmark, 0 to 1; null where none is measured, or it did not finish. */
  accuracy: number | null;
}

/** How a run that threw this has ended. */
export function endOf(thrown: unknown, signal: AbortSignal): Notice['event'] {
  if (signal.aborted && thrown === signal.reason) return 'stopped';
  if (thrown instanceof ReviewError || thrown instanceof GateError) return 'waiting';
  return thrown instanceof BudgetError ? 'budget' : 'failed';
}

/**
 * Tells the hook, if it wants to hear of this end.
 * @param options.redact removes keys from the message
 */
export async function notify(
  hook: NotifyConfig | undefined,
  notice: Omit<Notice, 'at'>,
  options: {
    environment: NodeJS.ProcessEnv;
    redact: (text: string) => string;
    onWarning: (message: string) => void;
  },
): Promise<void> {
  if (!hook?.on.includes(notice.event)) return;
  const { environment, redact, onWarning } = options;
  const message = notice.message === null ? null : redact(withoutControls(notice.message));
  const body = JSON.stringify({ ...notice, message, at: isoTime(Date.now()) } satisfies Notice);
  try {
    if (hook.command !== undefined) await tellCommand(hook.command, { body, environment });
    else await post(addressOf(hook, environment), { body, environment });
  } catch (thrown) {
    // The address may be a secret, and errors of the network name it.
    const why = hook.command === undefined ? codeOf(thrown) : messageOf(thrown);
    onWarning(`notify: the hook was not told that the run ${notice.event}: ${redact(why)}`);
  }
}

/** Why a hook could not be told, as far as it is known before: its address is missing. Null where there is no such hook. */
export function hookProblem(hook: NotifyConfig | undefined, environment: NodeJS.ProcessEnv): string | null {
  if (hook?.urlEnv === undefined || URL.canParse(environment[hook.urlEnv]?.trim() ?? '')) return null;
  return `expected an address in the environment variable ${hook.urlEnv}`;
}

/** @throws HookProblem for an address that is missing */
function addressOf(hook: NotifyConfig, environment: NodeJS.ProcessEnv): string {
  const problem = hookProblem(hook, environment);
  if (problem !== null) throw new HookProblem(problem);
  return hook.url ?? environment[hook.urlEnv ?? '']?.trim() ?? '';
}

/** A problem that names no address. */
class HookProblem extends Error {}

function codeOf(thrown: unknown): string {
  if (thrown instanceof HookProblem) return thrown.message;
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'no answer';
}

async function post(
  address: string,
  { body, environment }: { body: string; environment: NodeJS.ProcessEnv },
): Promise<void> {
  const connections = new Connections({ connections: 1, environment });
  try {
    const response = await connections.fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(LONGEST_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new HookProblem(`it answered ${response.status}`);
  } finally {
    await connections.close();
  }
}

function tellCommand(
  command: string,
  { body, environment }: { body: string; environment: NodeJS.ProcessEnv },
): Promise<void> {
  return new Promise((resolve, reject) => {
    // What it prints on standard output must not mix with the command's own.
    const child = spawn(command, {
      shell: true,
      env: environment,
      stdio: ['pipe', 'ignore', 'inherit'],
      timeout: LONGEST_MS,
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`it ended with ${code === null ? `signal ${signal ?? ''}` : `code ${code}`}`));
    });
    // A command that does not read is no failure.
    child.stdin.on('error', () => undefined);
    child.stdin.end(body);
  });
}
