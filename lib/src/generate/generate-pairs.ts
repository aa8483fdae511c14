// Pairs: a good answer to the instruction, and responses made to be worse (paper, section 3.1).
import { ModelError } from '../core/errors.js';
import { contentHash } from '../core/hash.js';
import { dropped, droppedBy, kept, type Outcome } from '../schema/drop.js';
import { allAnswered } from '../model/all-answered.js';
import type { Instruction } from '../schema/instruction.js';
import type { Response, ResponsePair } from '../schema/response-pair.js';
import { readingOf, writeResponse, type WriteOptions } from './ask.js';
import { DEFAULT_LOSERS, losersPerInstruction, type LoserSpec } from './losers.js';
import { areNearlyIdentical, type NearIdentical } from './near-identical.js';
import { withPlantedFeatures, type PlantedFeature } from './plant.js';
import { isRefusal, type Refusals } from './refusals.js';
import { requirePrompts, writeLosers, type Written } from './write-losers.js';

/** How pairs are written. */
export interface GenerateOptions extends WriteOptions {
  /** Absent: only identical responses are dropped. */
  nearIdentical?: NearIdentical | undefined;
  /** Absent: refusals are not detected. */
  refusals?: Refusals | undefined;
  /** Surface features that are added on purpose. Absent: none. */
  plant?: readonly PlantedFeature[] | undefined;
}

/** A loser of one instruction. */
interface LoserPlace {
  /** The instruction's id, and the loser's name if there are several. */
  subjectId: string;
  method: LoserSpec['method'];
  loser: Promise<Written>;
}

/**
 * Writes pairs for every instruction, in input order, one per requested loser. An input is an instruction with one of its losers, so the
 * number of outcomes is instructions times {@link losersPerInstruction}; with several losers, a drop names both:
 * `instruction-0123/worse-2`.
 * @throws ConfigError when the pack lacks a prompt; from the stream, ModelError when the endpoint as a whole fails
 */
export function generatePairs(
  instructions: AsyncIterable<Instruction> | Iterable<Instruction>,
  options: GenerateOptions,
): AsyncGenerator<Outcome<ResponsePair>> {
  requirePrompts(options);
  const outcomes = options.chatModel.outcomes(
    instructions,
    async (instruction, signal) => kept(await writePairs(instruction, { ...options, signal })),
    { subjectOf: ({ instructionId }) => instructionId, signal: options.signal },
  );
  return flattened(outcomes);
}

async function* flattened(
  outcomes: AsyncIterable<Outcome<Outcome<ResponsePair>[]>>,
): AsyncGenerator<Outcome<ResponsePair>> {
  for await (const outcome of outcomes) {
    // Failures of one loser are caught where it is written, so no instruction is dropped as a whole.
    if (outcome.kind === 'dropped') throw new RangeError(`expected no drop here: ${outcome.drop.reason}`);
    yield* outcome.record;
  }
}

async function writePairs(
  instruction: Instruction,
  options: GenerateOptions,
): Promise<Outcome<ResponsePair>[]> {
  const winner = writeWinner(instruction.text, options);
  const places = loserPlaces(instruction, winner, options);
  const outcomes = await Promise.all(
    places.map((place) => toOutcome(place, { instruction, winner, options })),
  );
  // Two losers may be the same text: the first of identical pairs is kept.
  const seen = new Set<string>();
  return outcomes.map((outcome, i) => {
    if (outcome.kind === 'dropped') return outcome;
    const { pairId } = outcome.record;
    if (seen.has(pairId)) return dropped(places[i]?.subjectId ?? pairId, 'repeated-loser', pairId);
    seen.add(pairId);
    return outcome;
  });
}

function loserPlaces(
  { instructionId, text }: Instruction,
  winner: Promise<Written>,
  options: GenerateOptions,
): LoserPlace[] {
  const { losers = DEFAULT_LOSERS } = options;
  const isOnlyOne = losersPerInstruction(losers) === 1;
  const nSoFar = new Map<string, number>();
  return losers.flatMap((spec) =>
    writeLosers(spec, { instruction: text, winner }, options).map((loser) => {
      const { method } = spec;
      const ordinal = (nSoFar.get(method) ?? 0) + 1;
      nSoFar.set(method, ordinal);
      const subjectId = isOnlyOne ? instructionId : `${instructionId}/${method}-${ordinal}`;
      return { subjectId, method, loser };
    }),
  );
}

async function writeWinner(instruction: string, options: GenerateOptions): Promise<Written> {
  const model = options.winnerModel ?? options.model;
  const parsed = await writeResponse(instruction, { role: 'winner', model }, options);
  if (!parsed.ok) return { ok: false, reason: `winner-${parsed.reason}` };
  const { refusals, pack } = options;
  if (refusals && refusals.drop !== 'loser' && isRefusal(parsed.value, refusals.openings))
    return { ok: false, reason: 'winner-refusal' };
  return {
    ok: true,
    response: {
      text: parsed.value,
      model,
      method: 'answer',
      promptVersion: pack.version,
      sampleIndex: 0,
      ...readingOf(parsed),
    },
  };
}

async function toOutcome(
  { subjectId, method, loser: written }: LoserPlace,
  ground: { instruction: Instruction; winner: Promise<Written>; options: GenerateOptions },
): Promise<Outcome<ResponsePair>> {
  const { instructionId, text, slice } = ground.instruction;
  try {
    const [winner, loser] = await allAnswered([ground.winner, written]);
    if (!winner.ok) return dropped(subjectId, winner.reason, winner.detail);
    if (!loser.ok) return dropped(subjectId, loser.reason, loser.detail);
    const made = { instructionId, slice, winner: winner.response, loser: loser.response };
    const shown = withPlantedFeatures(made, { plant: ground.options.plant ?? [], seed: ground.options.seed });
    // Texts that take the place of both responses may be the same.
    const isSame = shown.winner.text === shown.loser.text;
    const reason =
      uselessness(made.winner, made.loser, ground.options) ?? (isSame ? 'identical-responses' : null);
    if (reason !== null) return dropped(subjectId, reason, loser.response.modifiedInstruction ?? method);
    return kept({
      pairId: `pair-${contentHash([instructionId, shown.winner.text, shown.loser.text]).slice(0, 16)}`,
      instructionId,
      instruction: text,
      slice,
      winner: shown.winner,
      loser: shown.loser,
    });
  } catch (thrown) {
    if (!(thrown instanceof ModelError) || thrown.scope !== 'request') throw thrown;
    return droppedBy(subjectId, thrown);
  }
}

/** Why a pair of these responses is dropped; null where it is kept. */
function uselessness(
  winner: Response,
  loser: Response,
  { nearIdentical, refusals }: GenerateOptions,
): string | null {
  if (winner.text === loser.text) return 'identical-responses';
  if (refusals && refusals.drop !== 'winner' && isRefusal(loser.text, refusals.openings))
    return 'loser-refusal';
  // A corruption is nearly the same on purpose, and its fault is known.
  const isTooAlike =
    nearIdentical !== undefined &&
    loser.method !== 'corruption' &&
    areNearlyIdentical(winner.text, loser.text, nearIdentical);
  return isTooAlike ? 'near-identical-responses' : null;
}
