// Fine-tuning jobs on disk: `<id>.request.json`, `<id>.lock.<n>`, `<id>.log.jsonl`, `<id>.outcome.json`.
import { appendFile } from 'node:fs/promises';
import { makeFolder, readTextIfPresent, writeError } from '../../core/files.js';
import { parseJson } from '../../core/jsonl.js';
import type { ProcessIdentity } from '../../core/process-identity.js';
import { jobLogLine, jobOutcomeRecord, jobRequestRecord, type Job, type JobLogLine } from './job-record.js';
import { TaskStore } from './task-store.js';

/** The jobs of a state folder. */
export class JobStore extends TaskStore<Job> {
  readonly #folder: string;

  constructor({ folder, owner }: { folder: string; owner?: ProcessIdentity | undefined }) {
    const records = { request: jobRequestRecord, outcome: jobOutcomeRecord };
    super({ folder, owner, idPrefix: 'ftjob-', separator: '.', ...records });
    this.#folder = folder;
  }

  /** Adds a line to a job's log. */
  async append(id: string, line: JobLogLine): Promise<void> {
    const path = this.pathOf(id, 'log.jsonl');
    try {
      await makeFolder(this.#folder);
      // The line break comes first, so that an unfinished line of a killed server does not spoil this one.
      await appendFile(path, `\n${JSON.stringify(line)}`);
    } catch (thrown) {
      throw writeError(path, thrown);
    }
  }

  protected override async load(task: Pick<Job, 'request' | 'outcome'>): Promise<Job> {
    const text = (await readTextIfPresent(this.pathOf(task.request.id, 'log.jsonl'))) ?? '';
    const log = text.split('\n').flatMap((line) => {
      // An unfinished line of a killed server is left out; the job starts over anyway.
      const read = parseJson(line, jobLogLine);
      return read.ok ? [read.value] : [];
    });
    return { ...task, log };
  }
}
