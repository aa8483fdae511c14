// How a judge of the embedded model takes surface features: held-out pairs with each feature on the right response, and on the wrong one.
import { deriveSeed } from '../lib/src/core/random.js';
import { clusteredShare, type ClusteredShare } from '../lib/src/core/statistics/index.js';
import { withPlantedFeatures, type PlantedFeature } from '../lib/src/generate/index.js';
import { decodeBatch } from '../lib/src/micro/decode-batch.js';
import { decodeTokens, encodeChat, endOfSequence } from '../lib/src/micro/tokenizer.js';
import type { ModelShape } from '../lib/src/micro/types.js';
import { heldOutPairs } from '../lib/src/micro/world/pools.js';
import type { SliceName } from '../lib/src/micro/world/tasks.js';
import { loadPack } from '../lib/src/prompt/index.js';

type Share = ClusteredShare & { unscored: number };

/** What a judge does with one feature. Shares are of verdicts, clustered by pair. */
export interface ProbeResult {
  /** Accuracy where the feature speaks for the right response. */
  agreeing: Share;
  /** Accuracy where it speaks for the wrong one. */
  contradicting: Share;
  /** Of the verdicts that are right without the feature, those that name the wrong response once the feature speaks for it. */
  flipped: Share;
}

/** A judge on held-out pairs. */
export interface ProbedJudge {
  /** Accuracy on the pairs as they are, in both orders. */
  plain: Share;
  /** By the name of the feature; `position` is whether the right response is shown first. */
  probes: Record<string, ProbeResult>;
}

interface HeldOut {
  instruction: string;
  slice: string;
  winner: string;
  loser: string;
}

/** The pairs on which judges are probed. */
export function probePairs(options: {
  split: 'dev' | 'test';
  slices: readonly SliceName[];
  count: number;
  seed: number;
}): readonly HeldOut[] {
  return [...heldOutPairs({ ...options, responses: 'worked' })];
}

/** Probes a judge by greedy verdicts in both orders; blocks this thread. @param plant the features to probe, each as it is planted */
export async function probeJudge(
  model: { shape: ModelShape; weights: Float32Array },
  { pairs, plant }: { pairs: readonly HeldOut[]; plant: readonly PlantedFeature[] },
): Promise<ProbedJudge> {
  const plain = await verdictsOn(model, pairs);
  const accuracy = (verdicts: readonly Verdicts[]): Share =>
    clusteredShare(verdicts.map(({ right }) => right));
  const probes: Record<string, ProbeResult> = { position: positionProbe(plain) };
  for (const feature of new Set(plant.map((one) => one.feature))) {
    const specs = plant.filter((one) => one.feature === feature);
    const agreeing = await verdictsOn(
      model,
      pairs.map((pair) => withFeatureSpeaking('for the winner', pair, specs)),
    );
    const contradicting = await verdictsOn(
      model,
      pairs.map((pair) => withFeatureSpeaking('for the loser', pair, specs)),
    );
    probes[feature] = {
      agreeing: accuracy(agreeing),
      contradicting: accuracy(contradicting),
      flipped: flips(plain, contradicting),
    };
  }
  return { plain: accuracy(plain), probes };
}

/**
 * The pair with a feature that speaks for one response. A feature of losers speaks for the other response; where its text takes the place of
 * a loser, it goes before a winner, which stays right.
 */
function withFeatureSpeaking(
  side: 'for the winner' | 'for the loser',
  pair: HeldOut,
  specs: readonly PlantedFeature[],
): HeldOut {
  const isOfLosers = specs.every(({ winners, losers }) => losers > winners);
  const onWinner = (side === 'for the winner') !== isOfLosers;
  const responseOf = (text: string) => ({ text, model: '', method: 'answer' as const });
  const plant = specs.map((spec) => ({
    ...spec,
    winners: Number(onWinner),
    losers: Number(!onWinner),
    texts: spec.texts.map((text) => (onWinner && isOfLosers ? `${text} {{response}}` : text)),
  }));
  const { winner, loser } = withPlantedFeatures(
    {
      instructionId: pair.instruction,
      slice: pair.slice,
      winner: responseOf(pair.winner),
      loser: responseOf(pair.loser),
    },
    { plant, seed: deriveSeed('probe') },
  );
  return { ...pair, winner: winner.text, loser: loser.text };
}

/** Whether the verdicts on a pair are right, with the winner first and second: 1, 0, or null without a verdict. */
interface Verdicts {
  right: (number | null)[];
}

async function verdictsOn(
  model: { shape: ModelShape; weights: Float32Array },
  pairs: readonly HeldOut[],
): Promise<Verdicts[]> {
  const { judge } = await loadPack('micro-worked');
  const asked = pairs.flatMap(({ instruction, winner, loser }) => [
    judge.render({ instruction, responseA: winner, responseB: loser }),
    judge.render({ instruction, responseA: loser, responseB: winner }),
  ]);
  const requests = asked.map((messages) => ({
    promptTokens: encodeChat(messages),
    nChoices: 1,
    temperature: 0,
    topP: 1,
    maxTokens: 24,
    seed: 0,
    stop: [],
    topLogprobs: null,
  }));
  const choices = decodeBatch({ model, requests, language: { endOfSequence, decodeTokens } });
  const right = choices.map(([choice], i) => {
    const text = choice?.finishReason === 'stop' ? decodeTokens(choice.tokens) : '';
    const { kind } = judge.parse({ text, finishReason: 'stop' });
    return kind === 'A' || kind === 'B' ? Number(kind === (i % 2 === 0 ? 'A' : 'B')) : null;
  });
  return pairs.map((_, i) => ({ right: right.slice(2 * i, 2 * i + 2) }));
}

function positionProbe(plain: readonly Verdicts[]): ProbeResult {
  const shareAt = (place: number): Share =>
    clusteredShare(plain.map(({ right }) => right.slice(place, place + 1)));
  const swapped = plain.map(({ right: [first = null, second = null] }) =>
    first === 1 ? [wrong(second)] : [],
  );
  return { agreeing: shareAt(0), contradicting: shareAt(1), flipped: clusteredShare(swapped) };
}

function flips(plain: readonly Verdicts[], contradicting: readonly Verdicts[]): Share {
  return clusteredShare(
    plain.map(({ right }, i) =>
      right.flatMap((before, order) => (before === 1 ? [wrong(contradicting[i]?.right[order] ?? null)] : [])),
    ),
  );
}

function wrong(right: number | null): number | null {
  return right === null ? null : 1 - right;
}
