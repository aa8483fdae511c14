// Detects whether a process is still running, although process ids are reused.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { hasErrorCode } from './errors.js';

/** A process, distinguished from others with the same id, as a file says. A signal to 0 or less would reach groups of processes. */
export const processIdentitySchema = z.object({
  pid: z.int().min(1),
  /** When it started, as the system reports it; null where the system does not. */
  startedAt: z.string().nullable(),
});
/** See {@link processIdentitySchema}. */
export type ProcessIdentity = z.output<typeof processIdentitySchema>;

/** The identity of this process. */
export function thisProcess(): Promise<ProcessIdentity> {
  return identityOf(process.pid);
}

/** The process that has this id now. */
export async function identityOf(pid: number): Promise<ProcessIdentity> {
  return { pid, startedAt: await startOf(pid) };
}

/** Whether this process, and not a later one with its id, still runs on this machine. */
export async function isProcessAlive({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    // EPERM: it is running, but belongs to another user.
    if (!hasErrorCode(thrown, 'EPERM')) return false;
  }
  return startedAt === null || startedAt === (await startOf(pid));
}

async function startOf(pid: number): Promise<string | null> {
  if (process.platform === 'win32') return null;
  return process.platform === 'linux' ? linuxStartOf(pid) : portableStartOf(pid);
}

/** Boot id and start in clock ticks since boot: field 22 of /proc/<pid>/stat, see proc(5). */
async function linuxStartOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    // The second field is a name in parentheses that may contain spaces, so fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie process, as in containers without an init, is in the table but has ended.
    const hasEnded = ['Z', 'X'].includes(fields[0] ?? '');
    return hasEnded ? null : `${boot.trim()} ${fields[19] ?? ''}`;
  } catch {
    return null;
  }
}

async function portableStartOf(pid: number): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], {
      env: { ...process.env, LC_ALL: 'C' },
    });
    return stdout.trim() || null;
  } catch {
    return null;
  }
}
