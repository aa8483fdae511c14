// Tasks on disk, which are fine-tuning jobs and batches: an immutable request, locks of the server at work, and one outcome.
import { join } from 'node:path';
import type { z } from 'zod';
import { DataError } from '../../core/errors.js';
import { createExclusive, exists } from '../../core/files.js';
import { FolderTaken, lockFolder } from '../../core/folder-lock.js';
import { sha256 } from '../../core/hash.js';
import type { ProcessIdentity } from '../../core/process-identity.js';
import { readRecord, RecordFolder, type StoredRecord } from './record-folder.js';

/** What was asked for. Written once. */
export interface TaskRequest extends StoredRecord {
  /** Hash of the request body, to tell a repeated request from another one with the same Idempotency-Key. */
  bodyHash: string;
}

/** A task with all that has happened to it. */
export interface Task<Request extends TaskRequest = TaskRequest, Outcome = { status: string }> {
  request: Request;
  /** Null while the task has not ended. */
  outcome: Outcome | null;
}

/** How a task of this kind ends. */
export type OutcomeOf<Kind extends Task> = NonNullable<Kind['outcome']>;

/** How the tasks of one kind are kept. */
export interface TaskStoreOptions<Kind extends Task> {
  folder: string;
  /** `ftjob-` or `batch_`. */
  idPrefix: string;
  /** What is between the id and the names of a task's files: `/` gives each task a folder. */
  separator: '.' | '/';
  request: z.ZodType<Kind['request']>;
  outcome: z.ZodType<OutcomeOf<Kind>>;
  /** Called once with each damaged record. */
  report: (failure: unknown) => void;
  /** Who claims tasks. Default: this process. */
  owner?: ProcessIdentity | undefined;
}

/** Tasks of one kind. Servers that share the folder need no locks besides those of the tasks. */
export abstract class TaskStore<Kind extends Task> {
  readonly #options: TaskStoreOptions<Kind>;
  readonly #requests: RecordFolder<Kind['request']>;
  /** Tasks that have ended: they do not change any more. */
  readonly #ended = new Map<string, Kind>();
  readonly #reported = new Set<string>();

  constructor(options: TaskStoreOptions<Kind>) {
    this.#options = options;
    const { folder, idPrefix, separator, request: schema, report } = options;
    this.#requests = new RecordFolder({
      folder,
      schema,
      idPattern: new RegExp(`^${idPrefix}[0-9a-f]{24}$`),
      ending: `${separator}request.json`,
      report,
    });
  }

  /** Reads the rest of a task. */
  protected abstract load(task: Pick<Kind, 'request' | 'outcome'>): Promise<Kind>;

  /** The id of a new task without an idempotency key. @param token 24 hex digits */
  newId(token: string): string {
    return `${this.#options.idPrefix}${token}`;
  }

  /** The id of the n-th task under an idempotency key, so that every server finds it again. @param noun `job` or `batch` */
  idOfKey(noun: string, key: string, attempt: number): string {
    return this.newId(sha256(`${noun}\u0000${key}\u0000${attempt}`).slice(0, 24));
  }

  /** The path of one of a task's files. */
  pathOf(id: string, name: string): string {
    return this.#requests.pathOf(id, `${this.#options.separator}${name}`);
  }

  /** Keeps a new task. @returns whether its id was free */
  create(request: Kind['request']): Promise<boolean> {
    return this.#requests.create(request);
  }

  /** Whether a task has this id, damaged ones included. */
  isTaken(id: string): Promise<boolean> {
    return exists(this.pathOf(id, 'request.json'));
  }

  /** The task of this id with all that has happened to it, or null; a damaged one is reported and is none. */
  async find(id: string): Promise<Kind | null> {
    const request = this.#ended.get(id)?.request ?? (await this.#requests.find(id));
    return request === null ? null : this.#intact(request);
  }

  /** All tasks, newest first; a damaged one is reported and left out. */
  async list(): Promise<Kind[]> {
    const requests = await this.#requests.list();
    const tasks = await Promise.all(requests.map((request) => this.#intact(request)));
    return tasks.filter((task) => task !== null);
  }

  /** How a task ended, or null while it has not. */
  outcomeOf(id: string): Promise<OutcomeOf<Kind> | null> {
    return readRecord(this.pathOf(id, 'outcome.json'), this.#options.outcome);
  }

  /** Whether a task has ended; cheaper than reading how. */
  async hasEnded(id: string): Promise<boolean> {
    return this.#ended.has(id) || exists(this.pathOf(id, 'outcome.json'));
  }

  /** Ends a task. @returns whether this was the first outcome; a later one is without effect */
  end(id: string, outcome: OutcomeOf<Kind>): Promise<boolean> {
    return createExclusive(this.pathOf(id, 'outcome.json'), JSON.stringify(outcome));
  }

  /**
   * Claims a task that no living process works on.
   * @returns a function that gives it back; null where another server has it
   */
  async claim(id: string): Promise<(() => Promise<void>) | null> {
    const { folder, separator, owner } = this.#options;
    const hasFolder = separator === '/';
    try {
      return await lockFolder(hasFolder ? join(folder, id) : folder, {
        name: hasFolder ? 'batch' : id,
        owner,
        taken: {
          subject: id,
          expected: 'a task that no process works on',
          does: 'works on it',
          remedy: 'Wait for it.',
        },
      });
    } catch (thrown) {
      if (thrown instanceof FolderTaken) return null;
      throw thrown;
    }
  }

  async #intact(request: Kind['request']): Promise<Kind | null> {
    try {
      return this.#ended.get(request.id) ?? (await this.#taskOf(request));
    } catch (thrown) {
      if (!(thrown instanceof DataError)) throw thrown;
      if (!this.#reported.has(request.id)) this.#options.report(thrown);
      this.#reported.add(request.id);
      return null;
    }
  }

  async #taskOf(request: Kind['request']): Promise<Kind> {
    // The outcome first: everything else is written before it.
    const outcome = await this.outcomeOf(request.id);
    const task = await this.load({ request, outcome });
    if (outcome !== null) this.#ended.set(request.id, task);
    return task;
  }
}
