// The records of one iteration of a run, for notebooks and scripts.
import type { z } from 'zod';
import { allOf } from '../../core/all-of.js';
import { evaluatedItemSchema, type EvaluatedItem } from '../../schema/evaluation.js';
import { instructionSchema, type Instruction } from '../../schema/instruction.js';
import { judgedPairSchema, type JudgedPair } from '../../schema/judgment.js';
import type { IterationManifest } from '../../schema/manifest.js';
import { probedItemSchema, type ProbedItem } from '../../schema/probed-item.js';
import { responsePairSchema, type ResponsePair } from '../../schema/response-pair.js';
import { trainingExampleSchema, type TrainingExample } from '../../schema/training-example.js';
import { chosenIterations, type FinishedIteration } from './finished-iterations.js';
import { evaluationIn } from './evaluation-of.js';
import { ITERATION_FILES } from './run-files.js';

/** The records of a finished iteration. Each method reads its file whole. Iteration 0, the seed, has an evaluation only. */
export interface IterationRecords {
  manifest: IterationManifest;
  /** @throws DataError, as all of these do, where the iteration has none */
  instructions(): Promise<Instruction[]>;
  pairs(): Promise<ResponsePair[]>;
  /** The pairs with all their judgments. */
  judgments(): Promise<JudgedPair[]>;
  /** What the model was trained on. */
  examples(): Promise<TrainingExample[]>;
  /** The held-out pairs as its judge saw them. @param benchmark name of one of several; absent: the headline */
  evaluation(benchmark?: string): Promise<EvaluatedItem[]>;
  /** Its audit: the held-out pairs as they are and as probes changed them, with the verdicts of its judge. */
  probes(): Promise<ProbedItem[]>;
}

/**
 * Opens the finished iterations of a run, the seed model first.
 * @throws DataError for a folder that is no run, or a run without a finished iteration
 * @example const [seed, first] = await readIterations(run.folder);
 */
export async function readIterations(runFolder: string): Promise<IterationRecords[]> {
  const finished = await chosenIterations(runFolder, 'all');
  return finished.map(recordsOf);
}

/**
 * Opens a finished iteration of a run. A run of a large model may have more judgments than memory holds: read its files line by line.
 * @param iteration 0 is the seed model
 * @throws DataError for a folder that is no run; ConfigError where the iteration is not there or not finished
 * @example const judgments = await (await readIteration(run.folder, 1)).judgments();
 */
export async function readIteration(runFolder: string, iteration: number): Promise<IterationRecords> {
  const [chosen] = await chosenIterations(runFolder, String(iteration));
  return recordsOf(chosen);
}

function recordsOf({ folder, manifest }: FinishedIteration): IterationRecords {
  const all = <Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema>[]> =>
    allOf(folder.records(name, schema));
  return {
    manifest,
    instructions: () => all(ITERATION_FILES.instructions, instructionSchema),
    pairs: () => all(ITERATION_FILES.pairs, responsePairSchema),
    judgments: () => all(ITERATION_FILES.judgments, judgedPairSchema),
    examples: () => all(ITERATION_FILES.examples, trainingExampleSchema),
    evaluation: async (benchmark) => all(evaluationIn(manifest, benchmark).fileName, evaluatedItemSchema),
    probes: () => all(ITERATION_FILES.probes, probedItemSchema),
  };
}
