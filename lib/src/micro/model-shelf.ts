// Keeps the models that a sampling thread used last, and reads others from their checkpoints when they are asked for.
import { readFileSync } from 'node:fs';
import { DataError, messageOf } from '../core/errors.js';
import { decodeCheckpoint } from './checkpoint.js';
import type { Language } from './choice.js';
import { Decoder, defaultCapacity } from './decoder.js';
import type { ModelShape } from './types.js';

/** A model that is ready: place `model` of this decoder. */
export interface ShelvedModel {
  decoder: Decoder;
  model: number;
}

interface Shelf {
  decoder: Decoder;
  /** Model ids by place; null where nothing stands. */
  ids: (string | null)[];
  lastUse: number[];
}

/** Models of one thread: a decoder for each shape, each with places for 8 models. */
export class ModelShelf {
  readonly #language: Language;
  readonly #vocabularySha256: string;
  readonly #shelves = new Map<string, Shelf>();
  /** Which shelf a model belongs to, once it has been read. */
  readonly #shelfOf = new Map<string, Shelf>();
  #nUses = 0;

  constructor(language: Language, vocabularySha256: string) {
    this.#language = language;
    this.#vocabularySha256 = vocabularySha256;
  }

  get decoders(): Decoder[] {
    return [...this.#shelves.values()].map(({ decoder }) => decoder);
  }

  /**
   * The model, read from its checkpoint unless it is there; null while all places are taken by models at work.
   * @throws DataError when the checkpoint cannot be used.
   */
  take(modelId: string, checkpointPath: string): ShelvedModel | null {
    const known = this.#shelfOf.get(modelId);
    const place = known?.ids.indexOf(modelId) ?? -1;
    if (known !== undefined && place >= 0) return this.#used(known, place);
    if (known !== undefined && freePlace(known) === null) return null;
    const { shape, weights } = this.#read(checkpointPath);
    const shelf = this.#shelfFor(shape);
    this.#shelfOf.set(modelId, shelf);
    const free = freePlace(shelf);
    if (free === null) return null;
    shelf.decoder.transformer.load(free, weights);
    shelf.ids[free] = modelId;
    return this.#used(shelf, free);
  }

  #used(shelf: Shelf, place: number): ShelvedModel {
    this.#nUses += 1;
    shelf.lastUse[place] = this.#nUses;
    return { decoder: shelf.decoder, model: place };
  }

  #shelfFor(shape: ModelShape): Shelf {
    const key = Object.values(shape).join();
    const found = this.#shelves.get(key);
    if (found !== undefined) return found;
    const shelf = {
      decoder: new Decoder(shape, this.#language),
      ids: Array<string | null>(defaultCapacity.nModels).fill(null),
      lastUse: Array<number>(defaultCapacity.nModels).fill(0),
    };
    this.#shelves.set(key, shelf);
    return shelf;
  }

  #read(path: string): { shape: ModelShape; weights: Float32Array } {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(path);
    } catch (cause) {
      throw new DataError({
        subject: path,
        expected: 'a readable checkpoint',
        received: messageOf(cause),
        remedy: 'The file was there when the model was loaded: put it back.',
        cause,
      });
    }
    return decodeCheckpoint(bytes, path, { vocabularySha256: this.#vocabularySha256 });
  }
}

/** The place that was used least recently, among the unused ones. */
function freePlace({ decoder, ids, lastUse }: Shelf): number | null {
  const free = [...ids.keys()].filter((place) => ids[place] === null || !decoder.uses(place));
  const oldest = free.sort((a, b) => (lastUse[a] ?? 0) - (lastUse[b] ?? 0))[0];
  return oldest ?? null;
}
