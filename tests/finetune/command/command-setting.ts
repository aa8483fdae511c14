// A command backend in a folder of its own, whose trainer is a line for a shell.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CommandBackend,
  trainerSchema,
  type CommandBackendOptions,
  type CommandTrainerConfig,
  type FineTuneRequest,
  type JobStatus,
} from '../../../lib/src/finetune/index.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { until } from '../../micro/server/server-fixture.js';

/** Reports the model `made`. */
export const NAMES_ITS_MODEL = `printf '{"model": "made"}' > "$AUTODIDACT_RESULT_FILE"`;

/** Folders of one test. */
export class CommandSetting {
  #folder: string | null = null;

  async folder(): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'command-backend-'));
    return this.#folder;
  }

  /** A backend over the folder of this test; several over one folder see the same jobs. */
  async backend(
    config: Record<string, unknown>,
    options: Partial<CommandBackendOptions> = {},
  ): Promise<CommandBackend> {
    const folder = await this.folder();
    return new CommandBackend({
      config: commandConfig(config),
      jobsFolder: join(folder, 'jobs'),
      baseFolder: folder,
      environment: process.env,
      redact: (text) => text,
      ...options,
    });
  }

  async request(parts: Partial<FineTuneRequest> = {}): Promise<FineTuneRequest> {
    const trainingFilePath = join(await this.folder(), 'training-file.jsonl');
    await writeFile(trainingFilePath, '{"messages": []}\n');
    return {
      baseModel: 'base',
      method: { type: 'supervised' },
      trainingFilePath,
      hyperparameters: { nEpochs: 2 },
      suffix: 'judge-1',
      seed: 7,
      jobKey: 'key-1',
      ...parts,
    };
  }

  async close(): Promise<void> {
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }
}

/** The section of an experiment, with its defaults. */
export function commandConfig(config: Record<string, unknown>): CommandTrainerConfig {
  const parsed = trainerSchema.parse({ backend: 'command', graceMs: 500, ...config });
  if (parsed.backend !== 'command') throw new Error('expected a command trainer');
  return parsed;
}

/** How a job ended. */
export function endOf(backend: CommandBackend, jobId: string): Promise<JobStatus> {
  return until(async () => {
    const status = await backend.poll(jobId, NEVER);
    return status.state === 'waiting' || status.state === 'running' ? null : status;
  });
}
