// The models of a server: the seed checkpoint and the fine-tuned ones in its state folder.
import { readFile, rm, stat } from 'node:fs/promises';
import { z } from 'zod';
import { DataError, hasErrorCode, messageOf } from '../../core/errors.js';
import { SEED_MODEL_ID } from '../seed-model.js';
import type { SamplingEngine } from '../types.js';
import { ApiError, notFound } from './api-error.js';
import { RecordFolder, writeImmutable } from './record-folder.js';

const modelRecord = z.object({
  id: z.string(),
  createdMs: z.number(),
  /** The model that its line of fine-tunings started from. */
  root: z.string(),
  /** The model that it was fine-tuned from. */
  base: z.string(),
  /** SHA-256 of the weights. */
  fingerprint: z.string(),
  /** In tokens. */
  contextLength: z.number(),
  /** Hash of everything that decides the weights of the job's models. */
  contentHash: z.string(),
  /** Where in its job it was saved. */
  epoch: z.number(),
  step: z.number(),
  /** Whether it is the job's result; else it is a checkpoint on the way. */
  isFinal: z.boolean(),
});

/** What is on disk about a fine-tuned model. */
export type ModelRecord = z.infer<typeof modelRecord>;

/** A model that can be sampled from. */
export interface Model extends Pick<
  ModelRecord,
  'id' | 'createdMs' | 'root' | 'fingerprint' | 'contextLength'
> {
  checkpointPath: string;
  /** Null for a seed. */
  record: ModelRecord | null;
}

/** What a checkpoint says about itself. */
export type DescribeCheckpoint = (checkpoint: Uint8Array) => { fingerprint: string; contextLength: number };

/** For how long a model is known to exist without another look, in milliseconds: another server may delete it. */
const TRUST_MS = 1000;

/** Models by id. Weights and records are immutable and named by content, so several servers may share the folder. */
export class ModelStore {
  /** The default model. */
  readonly seed: Model;
  readonly #seeds: ReadonlyMap<string, Model>;
  readonly #records: RecordFolder<ModelRecord>;
  readonly #describe: DescribeCheckpoint;
  readonly #clock: () => number;
  readonly #known = new Map<string, { model: Model; checkedMs: number }>();
  readonly #loaded = new Map<string, Promise<void>>();
  /** Size and time of the last change of weights that were found to be those of their record, by id. */
  readonly #verified = new Map<string, string>();

  private constructor(options: ModelStoreOptions, seed: Model, others: readonly Model[]) {
    this.seed = seed;
    this.#seeds = new Map([seed, ...others].map((model) => [model.id, model]));
    this.#records = new RecordFolder({
      folder: options.folder,
      schema: modelRecord,
      idPattern: /^ft(:[A-Za-z0-9_.-]+)+$/,
      report: options.report,
    });
    this.#describe = options.describe;
    this.#clock = options.clock;
  }

  /** Reads the seed checkpoints. @throws DataError when one is missing or damaged */
  static async open(options: ModelStoreOptions): Promise<ModelStore> {
    const seedOf = async (id: string, checkpointPath: string): Promise<Model> => ({
      id,
      createdMs: 0,
      root: id,
      ...options.describe(await readSeed(checkpointPath)),
      checkpointPath,
      record: null,
    });
    const others = Object.entries(options.otherSeeds ?? {});
    return new ModelStore(
      options,
      await seedOf(SEED_MODEL_ID, options.seedCheckpointPath),
      await Promise.all(others.map(([id, path]) => seedOf(id, path))),
    );
  }

  /** The model of this id. @throws ApiError 404 with code `model_not_found` */
  async get(id: string): Promise<Model> {
    const model = await this.find(id);
    if (model !== null) return model;
    const record = await this.#records.find(id);
    if (record !== null) {
      throw notFound(
        `The weights of the model "${id}" are missing or damaged: their hash is not that of its record. Train it again.`,
        { param: 'model', code: 'model_not_found' },
      );
    }
    throw notFound(
      `There is no model "${id.slice(0, 200)}" here. GET /v1/models lists the models; the seed is "${SEED_MODEL_ID}".`,
      {
        param: 'model',
        code: 'model_not_found',
      },
    );
  }

  /** The model of this id, or null; one whose weights are missing or damaged is none. */
  async find(id: string): Promise<Model | null> {
    const seed = this.#seeds.get(id);
    if (seed) return seed;
    const known = this.#known.get(id);
    const now = this.#clock();
    if (known !== undefined && now - known.checkedMs < TRUST_MS) return known.model;
    const record = await this.#records.find(id);
    if (record === null || !(await this.#isIntact(record))) {
      this.#known.delete(id);
      return null;
    }
    const model = this.#modelOf(record);
    this.#known.set(id, { model, checkedMs: now });
    return model;
  }

  /** All models whose weights are intact: the seeds, then the fine-tuned ones, oldest first. */
  async list(): Promise<Model[]> {
    const models: Model[] = [];
    for (const record of (await this.#records.list()).reverse())
      if (await this.#isIntact(record)) models.push(this.#modelOf(record));
    return [...this.#seeds.values(), ...models];
  }

  /** The models that a job of this content made, its final one included. */
  async ofContent(contentHash: string): Promise<ModelRecord[]> {
    return (await this.list()).flatMap(({ record }) => (record?.contentHash === contentHash ? [record] : []));
  }

  /** The weights of a model. */
  async read(id: string): Promise<Uint8Array> {
    return readFile(this.#weightsPath(id));
  }

  /**
   * Adds a model; adding the same one again changes nothing.
   * @throws ApiError 409 when the id belongs to a model of other content
   */
  async add(made: Omit<ModelRecord, 'fingerprint' | 'contextLength'>, checkpoint: Uint8Array): Promise<void> {
    const record: ModelRecord = { ...made, ...this.#describe(checkpoint) };
    const present = await this.#records.find(made.id);
    if (present !== null && present.contentHash !== made.contentHash) {
      throw new ApiError(409, `The model id ${made.id} is taken by another model. Choose another suffix.`, {
        param: 'suffix',
        code: 'model_id_taken',
      });
    }
    if (present !== null && (await this.#isIntact(present))) return;
    // Weights first: a record means that the model is complete.
    await writeImmutable(this.#weightsPath(made.id), checkpoint);
    if (!(await this.#records.create(record))) await this.#records.replace(record);
  }

  /** Deletes a fine-tuned model. @throws ApiError 404, or 403 for a seed */
  async remove(id: string): Promise<void> {
    if (this.#seeds.has(id)) {
      throw new ApiError(403, 'A seed model cannot be deleted: only fine-tuned models can.', {
        code: 'model_not_deletable',
      });
    }
    // Another server may have deleted it.
    this.#known.delete(id);
    // A damaged one can be deleted, too.
    if ((await this.#records.find(id)) === null) await this.get(id);
    await this.#records.remove(id);
    await rm(this.#weightsPath(id), { force: true });
  }

  /** Loads a model into the engine, once. @throws ApiError 404 where another server has deleted it */
  load(model: Model, engine: SamplingEngine): Promise<void> {
    const loaded = this.#loaded.get(model.id);
    if (loaded !== undefined) return loaded;
    const loading = engine.loadModel(model.id, model.checkpointPath).catch(async (thrown: unknown) => {
      this.#loaded.delete(model.id);
      this.#known.delete(model.id);
      // Another server may have deleted it since it was found.
      await this.get(model.id);
      throw thrown;
    });
    this.#loaded.set(model.id, loading);
    return loading;
  }

  /** Whether the weights on disk are those that were recorded. They are read again only after a change. */
  async #isIntact({ id, fingerprint }: ModelRecord): Promise<boolean> {
    const path = this.#weightsPath(id);
    try {
      const { size, mtimeMs } = await stat(path);
      const state = `${size} ${mtimeMs}`;
      if (this.#verified.get(id) === state) return true;
      if (this.#describe(await readFile(path)).fingerprint !== fingerprint) return false;
      this.#verified.set(id, state);
      return true;
    } catch (thrown) {
      // Missing, or no checkpoint at all.
      if (hasErrorCode(thrown, 'ENOENT') || thrown instanceof DataError) return false;
      throw thrown;
    }
  }

  #modelOf(record: ModelRecord): Model {
    const { id, createdMs, root, fingerprint, contextLength } = record;
    return { id, createdMs, root, fingerprint, contextLength, checkpointPath: this.#weightsPath(id), record };
  }

  #weightsPath(id: string): string {
    return this.#records.pathOf(id, '.safetensors');
  }
}

/** What a {@link ModelStore} needs. */
export interface ModelStoreOptions {
  folder: string;
  seedCheckpointPath: string;
  /** Checkpoints of further seeds, by the id of the model. Default: none. */
  otherSeeds?: Readonly<Record<string, string>> | undefined;
  describe: DescribeCheckpoint;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Called with each damaged record. */
  report: (failure: unknown) => void;
}

async function readSeed(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new DataError({
      subject: path,
      expected: 'the checkpoint of the seed model',
      received: messageOf(cause),
      remedy: 'Install the package again, or make the checkpoint with: npm run seed:train',
      cause,
    });
  }
}
