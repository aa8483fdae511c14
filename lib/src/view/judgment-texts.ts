// The texts of judgments: read from the files of a run when they are asked for.
import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { readRange, type ByteRange } from '../core/byte-lines.js';
import { AutodidactError, DataError } from '../core/errors.js';
import { readError } from '../core/files.js';
import { parseJsonLine } from '../core/jsonl.js';
import {
  benchmarkOf,
  evaluationsOf,
  ITERATION_FILES,
  iterationFolder,
  RUN_FILES,
  runStatusSchema,
  type ExperimentConfig,
} from '../experiment/index.js';
import { answerStart, loadPack, type PromptPack } from '../prompt/index.js';
import { evaluatedItemSchema } from '../schema/evaluation.js';
import { judgedPairSchema, judgmentSchema, type Judgment } from '../schema/judgment.js';
import type { RunManifest } from '../schema/manifest.js';
import { responsePairSchema, type ResponsePair } from '../schema/response-pair.js';
import type { RunFolder } from '../store/index.js';
import { shownInstruction } from '../evaluate/index.js';
import type { CataloguedJudgment, JudgmentSource, JudgmentTexts } from './view-records.js';

/** Pairs that are read before others have a turn. */
const PAIRS_A_TURN = 4096;

/** A pair by what a judge is shown of it. */
export interface ShownPair {
  instruction: string;
  winner: string;
  loser: string;
}

/** Reads the texts of a run's judgments; keeps pairs in memory once they are read, and no file open. */
export class JudgmentReader {
  readonly #run: RunFolder;
  readonly #config: ExperimentConfig;
  readonly #manifest: RunManifest | null;
  readonly #pairs = new Map<string, Promise<Map<string, ShownPair>>>();

  constructor(run: RunFolder, about: { config: ExperimentConfig; manifest: RunManifest | null }) {
    this.#run = run;
    this.#config = about.config;
    this.#manifest = about.manifest;
  }

  /** @throws DataError for a file that is not the one that was catalogued */
  async read(catalogued: CataloguedJudgment): Promise<JudgmentTexts> {
    const { source, subject, order } = catalogued;
    const { text } = judgmentAt(catalogued);
    const start = answerStart(text) ?? 0;
    const found = {
      thinking: start === 0 ? null : text.slice(0, start),
      judgment: text.slice(start),
    };
    try {
      const pair = (await this.pairsOf(source)).get(subject.id);
      if (!pair)
        throw new DataError({
          subject: source.path,
          expected: `pairs that are at hand, ${subject.id} among them`,
          received: 'others',
          remedy: 'Restore the file that they were read from.',
        });
      const { instruction, winner, loser } = pair;
      const [A, B] = order === 'winner-first' ? [winner, loser] : [loser, winner];
      const pack = await this.#packOf(source);
      return {
        ...found,
        instruction,
        responses: { A, B, winner: order === 'winner-first' ? 'A' : 'B' },
        prompt: pack.judge.render({ instruction, responseA: A, responseB: B }),
        problem: null,
      };
    } catch (thrown) {
      if (!(thrown instanceof AutodidactError)) throw thrown;
      return { ...found, instruction: null, responses: null, prompt: null, problem: thrown.message };
    }
  }

  /** The pairs of a source by their ids. @throws DataError, ConfigError where they are not at hand */
  pairsOf(source: JudgmentSource): Promise<Map<string, ShownPair>> {
    const key =
      source.kind === 'held-out' ? `held-out ${source.benchmark ?? ''}` : `training ${source.iteration}`;
    const known = this.#pairs.get(key);
    if (known) return known;
    const reading =
      source.kind === 'held-out' ? this.#heldOut(source) : this.#trainingPairs(source.iteration);
    this.#pairs.set(key, reading);
    return reading;
  }

  /**
   * Equal for equal held-out pairs: their settings and the hash of their file; while the run is not finished, which has no hash, the file is
   * read as it is, so its place stands for it.
   */
  async pairsKeyOf({ benchmark }: JudgmentSource): Promise<string> {
    const named = evaluationsOf(this.#config).find(
      (each) => benchmark === undefined || each.name === benchmark,
    );
    const settings = named?.settings.benchmark;
    if (!this.#manifest) {
      const status = await this.#run.readJson(RUN_FILES.status, runStatusSchema);
      return JSON.stringify(['unfinished', dirname(status?.configFile ?? '.'), settings]);
    }
    const { evaluations, inputs } = this.#manifest;
    const record = evaluations?.find(({ name }) => name === benchmark);
    return JSON.stringify([record ? record.benchmarkHash : inputs.benchmarkHash, settings]);
  }

  async #heldOut({ benchmark }: JudgmentSource): Promise<Map<string, ShownPair>> {
    const of = { config: this.#config, manifest: this.#manifest };
    const items = await benchmarkOf(this.#run, of, benchmark);
    const pairs = new Map<string, ShownPair>();
    for (const [id, item] of items) {
      if (pairs.size % PAIRS_A_TURN === 0) await setImmediate();
      pairs.set(id, { instruction: shownInstruction(item), winner: item.winner, loser: item.loser });
    }
    return pairs;
  }

  async #trainingPairs(iteration: number): Promise<Map<string, ShownPair>> {
    const pairs = new Map<string, ShownPair>();
    const folder = iterationFolder(this.#run, iteration);
    for await (const pair of folder.records(ITERATION_FILES.pairs, responsePairSchema)) {
      const { pairId, instruction, winner, loser }: ResponsePair = pair;
      pairs.set(pairId, { instruction, winner: winner.text, loser: loser.text });
    }
    return pairs;
  }

  #packOf({ kind, benchmark }: JudgmentSource): Promise<PromptPack> {
    const evaluation =
      kind === 'held-out' ? evaluationsOf(this.#config).find(({ name }) => name === benchmark) : undefined;
    const folder = dirname(this.#manifest?.configFile ?? '.');
    return loadPack(evaluation?.pack ?? this.#config.pack, { folder });
  }
}

/** @throws DataError for a file that cannot be read, or is not the one that was catalogued */
export function judgmentAt({ source, subject, order, sampleIndex, place }: CataloguedJudgment): {
  text: string;
} {
  const where = `${source.path}, from byte ${place.start}`;
  const line = bytesAt(source.path, place).toString('utf8');
  if (source.kind === 'held-out') {
    const item = parseJsonLine(line, evaluatedItemSchema, where);
    const judged = item.itemId === subject.id && item.orders.find((each) => each.order === order);
    if (judged) return judged;
  } else {
    const record = parseJsonLine(line, z.union([judgmentSchema, judgedPairSchema]), where);
    const judgments: readonly Judgment[] = 'judgments' in record ? record.judgments : [record];
    const judgment = judgments.find(
      (each) => each.pairId === subject.id && each.order === order && each.sampleIndex === sampleIndex,
    );
    if (judgment) return judgment;
  }
  throw new DataError({
    subject: where,
    expected: `the judgment of ${subject.id} that was there before`,
    received: 'another one',
    remedy: 'Load the page again: the run has written this file anew.',
  });
}

/** Opened for each read, which takes microseconds: a run may be deleted, written anew, or looked at no more. */
function bytesAt(path: string, place: ByteRange): Buffer {
  let fd: number | null = null;
  try {
    fd = openSync(path, 'r');
    return readRange({ fd }, place);
  } catch (thrown) {
    throw readError(path, thrown);
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
