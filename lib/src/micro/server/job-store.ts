// Fine-tuning jobs on disk. Nothing but the log ever changes, so servers that share the folder need no locks.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createExclusive, exists, makeFolder, readTextIfPresent, writeError } from '../../core/files.js';
import { sha256 } from '../../core/hash.js';
import {
  jobClaimRecord,
  jobLogLine,
  jobOutcomeRecord,
  jobRequestRecord,
  type Job,
  type JobClaim,
  type JobLogLine,
  type JobOutcome,
  type JobRequest,
} from './job-record.js';
import { isProcessAlive, type ProcessIdentity } from '../../core/process-identity.js';
import { fileNames, readRecord } from './state-files.js';

const jobId = /^ftjob-[0-9a-f]{24}$/;
const requestFile = /^(ftjob-[0-9a-f]{24})\.request\.json$/;

/** Who a server is, for the jobs that it claims. */
export interface ServerIdentity {
  serverId: string;
  owner: ProcessIdentity;
}

/** The jobs of a state folder: `<id>.request.json`, `<id>.claim-<n>.json`, `<id>.log.jsonl`, `<id>.outcome.json`. */
export class JobStore {
  readonly #folder: string;
  readonly #identity: ServerIdentity;
  /** Jobs that have ended; they do not change any more. */
  readonly #ended = new Map<string, Job>();
  readonly #requests = new Map<string, JobRequest>();

  constructor(options: { folder: string; identity: ServerIdentity }) {
    this.#folder = options.folder;
    this.#identity = options.identity;
  }

  /** Id of the n-th job under an idempotency key, so that every server finds it again. */
  static idOfKey(key: string, attempt: number): string {
    return `ftjob-${sha256(`job\u0000${key}\u0000${attempt}`).slice(0, 24)}`;
  }

  /** Keeps a new job. @returns whether its id was free */
  async create(request: JobRequest): Promise<boolean> {
    return createExclusive(this.#path(request.id, 'request.json'), JSON.stringify(request));
  }

  /** The job of this id with all that has happened to it, or null. */
  async find(id: string): Promise<Job | null> {
    const ended = this.#ended.get(id);
    if (ended !== undefined) return ended;
    const request = await this.#requestOf(id);
    if (request === null) return null;
    // The outcome first: all of the log stands before it is written.
    const outcome = await this.outcomeOf(id);
    const job = { request, log: await this.#logOf(id), outcome };
    if (outcome !== null) this.#ended.set(id, job);
    return job;
  }

  /** All jobs, newest first. */
  async list(): Promise<Job[]> {
    const ids = (await fileNames(this.#folder)).flatMap((name) => requestFile.exec(name)?.[1] ?? []);
    const jobs = (await Promise.all(ids.map((id) => this.find(id)))).filter((job) => job !== null);
    return jobs.sort(
      (a, b) => b.request.createdMs - a.request.createdMs || (a.request.id < b.request.id ? -1 : 1),
    );
  }

  /** How a job ended, or null while it has not. */
  async outcomeOf(id: string): Promise<JobOutcome | null> {
    return readRecord(this.#path(id, 'outcome.json'), jobOutcomeRecord);
  }

  /** Whether a job has ended; cheaper than reading how. */
  async hasEnded(id: string): Promise<boolean> {
    return this.#ended.has(id) || exists(this.#path(id, 'outcome.json'));
  }

  /** Ends a job. @returns whether this was the first outcome; a later one is without effect */
  async end(id: string, outcome: JobOutcome): Promise<boolean> {
    return createExclusive(this.#path(id, 'outcome.json'), JSON.stringify(outcome));
  }

  /** Adds a line to a job's log. */
  async append(id: string, line: JobLogLine): Promise<void> {
    const path = this.#path(id, 'log.jsonl');
    try {
      await makeFolder(this.#folder);
      // The line break comes first, so that a line which a killed server left unfinished does not spoil this one.
      await appendFile(path, `\n${JSON.stringify(line)}`);
    } catch (thrown) {
      throw writeError(path, thrown);
    }
  }

  /**
   * Claims a job that nobody alive works on.
   * @returns whether the job is now this server's; false when it has an owner or another server was quicker
   */
  async claim(id: string): Promise<boolean> {
    const { nClaims, last } = await this.#claimsOf(id);
    if (last !== null && (await this.#isHeld(last))) return false;
    return this.#writeClaim(id, nClaims + 1, this.#identity);
  }

  /** Gives a job back, for any server to take. */
  async release(id: string): Promise<void> {
    const { nClaims } = await this.#claimsOf(id);
    await this.#writeClaim(id, nClaims + 1, { serverId: this.#identity.serverId, owner: null });
  }

  async #isHeld(claim: JobClaim): Promise<boolean> {
    if (claim.owner === null) return false;
    return claim.serverId === this.#identity.serverId || isProcessAlive(claim.owner);
  }

  async #claimsOf(id: string): Promise<{ nClaims: number; last: JobClaim | null }> {
    let nClaims = 0;
    while (await exists(this.#path(id, `claim-${nClaims + 1}.json`))) nClaims++;
    const last =
      nClaims === 0 ? null : await readRecord(this.#path(id, `claim-${nClaims}.json`), jobClaimRecord);
    return { nClaims, last };
  }

  #writeClaim(id: string, number: number, claim: JobClaim): Promise<boolean> {
    return createExclusive(this.#path(id, `claim-${number}.json`), JSON.stringify(claim));
  }

  async #requestOf(id: string): Promise<JobRequest | null> {
    const known = this.#requests.get(id);
    if (known !== undefined) return known;
    const request = jobId.test(id)
      ? await readRecord(this.#path(id, 'request.json'), jobRequestRecord)
      : null;
    if (request !== null) this.#requests.set(id, request);
    return request;
  }

  async #logOf(id: string): Promise<JobLogLine[]> {
    const text = (await readTextIfPresent(this.#path(id, 'log.jsonl'))) ?? '';
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.flatMap((line) => {
      // A line that a killed server left unfinished says nothing; the job is done over anyway.
      const result = jobLogLine.safeParse(parseIfWhole(line));
      return result.success ? [result.data] : [];
    });
  }

  #path(id: string, ending: string): string {
    return join(this.#folder, `${id}.${ending}`);
  }
}

function parseIfWhole(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
