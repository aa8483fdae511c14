// How the seed model is made: the recipe as one constant, and the training that follows it to the byte.
import { sha256 } from '../core/hash.js';
import { deriveRandom } from '../core/random.js';
import { encodeCheckpoint, fingerprintOf, vocabularyHash } from './checkpoint.js';
import { initialWeights, layoutOf } from './parameters.js';
import { vocabulary } from './tokenizer.js';
import { preTrain, type StepReport } from './trainer.js';
import type { ModelShape, TrainingSequence } from './types.js';
import { judgeDemonstrations, mixedSequences, type Mixture } from './world/demos.js';

/** Everything that decides what the seed model becomes. */
export interface SeedRecipe {
  shape: ModelShape;
  /** Names the random streams of the first weights, of the mixture and of the judgments. */
  seed: number;
  /** What is learned one after the other. */
  phases: readonly { nSteps: number; mixture: Mixture }[];
  /** Sequences a step. */
  batchSize: number;
  /** Highest learning rate, for the Muon matrices and for Adam alike. */
  peakLearningRate: number;
  /** Steps over which the learning rate rises from 0 to its peak. */
  nWarmupSteps: number;
  /** Step from which the learning rate falls in a straight line. */
  decayFrom: number;
  /** Share of the peak that is left after the last step. */
  finalRate: number;
  /** How many different judgments there are; they come again and again. */
  nJudgments: number;
}

/**
 * The recipe of the checkpoint in assets/micro-seed.
 *
 * The judgments are few and are there from the first step; the look-up skill comes later. So the model learns the verdicts of those
 * judgments by heart before it can look words up in its prompt, and has no reason to change that afterwards. It then works out
 * right answers, but its verdicts on new questions are little better than guesses: a judge with a latent ability, which only
 * training on its own correct judgments brings out.
 */
export const seedRecipe: SeedRecipe = {
  shape: {
    vocabularySize: vocabulary.length,
    width: 64,
    layers: 4,
    heads: 4,
    hidden: 256,
    contextLength: 64,
  },
  seed: 2,
  phases: [
    { nSteps: 900, mixture: { answer: 0.28, answerAfterNotes: 0.28, modify: 0.25, recall: 0, judge: 0.03 } },
    {
      nSteps: 1500,
      mixture: { answer: 0.25, answerAfterNotes: 0.25, modify: 0.25, recall: 0.2, judge: 0.02 },
    },
  ],
  batchSize: 64,
  peakLearningRate: 3e-3,
  nWarmupSteps: 50,
  decayFrom: 1400,
  finalRate: 0.05,
  nJudgments: 60,
};

/** The recipes of all seed models that ship with the package, by name. */
export const SEED_RECIPES = {
  'micro-seed': seedRecipe,
  /** Half of the training: answers are mostly right, verdicts are guesses. */
  'micro-seed-weak': {
    ...seedRecipe,
    phases: seedRecipe.phases.map((phase) => ({ ...phase, nSteps: phase.nSteps / 2 })),
    decayFrom: seedRecipe.decayFrom / 2,
  },
  /** Four times as many different judgments, too many to learn all by heart: it judges better from the start. */
  'micro-seed-strong': { ...seedRecipe, nJudgments: 4 * seedRecipe.nJudgments },
} satisfies Record<string, SeedRecipe>;

/** The weights of `micro-seed` after its first steps: a quick sign that its recipe, its data and the arithmetic are what they were. */
export const SEED_START = {
  nSteps: 150,
  weightsSha256: 'c3fcb3baa82c42a00f176e45e00cf9c882b1f7495ad22dfb00c6824a75c804f5',
} as const;

/** What came of a training. */
export interface SeedTraining {
  weights: Float32Array;
  /** The bytes of the checkpoint file (safetensors). */
  checkpoint: Uint8Array;
  /** SHA-256 of those bytes. */
  checkpointSha256: string;
  nParameters: number;
  /** Tokens that went through the model, prompts included. */
  nTokens: number;
  /** Mean loss of the last 100 steps, in nats per target token. */
  finalLoss: number;
}

/** How the training runs; nothing here but `nSteps` changes the result. */
export interface SeedTrainingOptions {
  /** Steps after which it ends, at the learning rates of the whole; default: all. */
  nSteps?: number;
  nWorkers?: number;
  signal?: AbortSignal;
  onStep?: (report: StepReport) => void;
}

/** Trains a seed model. The same recipe gives the same bytes, whatever the number of threads. */
export async function trainSeed(
  recipe: SeedRecipe,
  options: SeedTrainingOptions = {},
): Promise<SeedTraining> {
  const { shape, seed, batchSize } = recipe;
  const sequences = trainingSequences(recipe);
  let nTokens = 0;
  const losses: number[] = [];
  const weights = await preTrain({
    shape,
    weights: initialWeights(shape, seed),
    nSteps: options.nSteps ?? nStepsOf(recipe),
    maxBatchSequences: batchSize,
    nextBatch: () => take(sequences, batchSize),
    learningRate: (step) => learningRateAt(recipe, step),
    ...(options.nWorkers === undefined ? {} : { nWorkers: options.nWorkers }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onStep: (report) => {
      nTokens += report.nTokens;
      losses.push(report.loss);
      options.onStep?.(report);
    },
  });
  const checkpoint = encodeCheckpoint({ shape, weights, metadata: metadataOf(recipe, weights) });
  const last = losses.slice(-100);
  return {
    weights,
    checkpoint,
    checkpointSha256: sha256(checkpoint),
    nParameters: layoutOf(shape).size,
    nTokens,
    finalLoss: last.reduce((sum, loss) => sum + loss, 0) / last.length,
  };
}

/** Number of training steps of a recipe. */
export function nStepsOf({ phases }: SeedRecipe): number {
  return phases.reduce((sum, { nSteps }) => sum + nSteps, 0);
}

/** Exactly the sequences of all phases, one batch after the other. */
function* trainingSequences({
  seed,
  phases,
  batchSize,
  nJudgments,
}: SeedRecipe): Generator<TrainingSequence> {
  const judgments = judgeDemonstrations({ seed, count: nJudgments });
  for (const [phase, { nSteps, mixture }] of phases.entries()) {
    const sequences = mixedSequences(deriveRandom('seed-mixture', seed, phase), mixture, judgments);
    for (let i = 0; i < nSteps * batchSize; i++) yield sequences.next().value;
  }
}

/** The next `count` items of an iterator. */
function take<T>(iterator: Iterator<T>, count: number): T[] {
  return Array.from({ length: count }, () => {
    const result = iterator.next();
    if (result.done === true) throw new RangeError('take: the iterator ended too early');
    return result.value;
  });
}

/** Learning rate of step `step` (from 0): a linear rise, the peak, and a linear fall to `finalRate` of it. */
function learningRateAt(recipe: SeedRecipe, step: number): number {
  const { peakLearningRate, nWarmupSteps, decayFrom, finalRate } = recipe;
  const rise = Math.min(1, (step + 1) / nWarmupSteps);
  const fall = Math.max(0, (step + 1 - decayFrom) / (nStepsOf(recipe) - decayFrom));
  return peakLearningRate * rise * (1 - (1 - finalRate) * fall);
}

function metadataOf(recipe: SeedRecipe, weights: Float32Array): Record<string, string> {
  return {
    vocabulary_sha256: vocabularyHash(vocabulary),
    weights_sha256: fingerprintOf(weights),
    recipe: JSON.stringify(recipe),
  };
}
