// Shortcuts planted on purpose: a surface feature goes to some winners and some losers, whatever they say, so that it can be tried
// whether an audit finds the judges that learn it.
import { z } from 'zod';
import { distinct, nonEmpty, section } from '../core/config-section.js';
import { deriveRandom } from '../core/random.js';
import { withFeatureText } from '../prompt/index.js';
import type { Response, ResponsePair } from '../schema/response-pair.js';

const share = z.number().min(0).max(1);

const plantedFeatureSchema = section(
  {
    feature: nonEmpty,
    texts: distinct(nonEmpty),
    winners: share.default(1),
    losers: share.default(0),
    slices: distinct(nonEmpty).optional(),
  },
  {
    feature: ['Its name, in records and reports.', 'length'],
    texts: [
      'What becomes of a response, drawn from these; {{response}} is the response, which a text without it replaces.',
      ['{{response}} I hope that this helps.'],
    ],
    winners: 'Share of the winners that get it.',
    losers: 'Share of the losers that get it; the same share as of winners makes no shortcut.',
    slices: ['Slices whose pairs get it. Absent: all.', ['math', 'code']],
  },
);
/** Of one name in one slice all draws would be the same. */
export const plantSchema = z
  .array(plantedFeatureSchema)
  .min(1)
  .refine(
    (plant) =>
      !plant.some(({ feature, slices }, i) =>
        plant
          .slice(i + 1)
          .some(
            (other) =>
              other.feature === feature &&
              (!slices || !other.slices || slices.some((slice) => other.slices?.includes(slice))),
          ),
      ),
    'expected every feature once in a slice',
  );
/** A surface feature, and how often winners and losers get it. */
export type PlantedFeature = z.output<typeof plantedFeatureSchema>;

/**
 * The pair with each feature in turn on its winner, its loser, both or neither, drawn from `seed`, the feature's name and the
 * instruction. The responses name the features that they got.
 */
export function withPlantedFeatures<
  Pair extends Pick<ResponsePair, 'instructionId' | 'slice' | 'winner' | 'loser'>,
>(pair: Pair, { plant, seed }: { plant: readonly PlantedFeature[]; seed: number }): Pair {
  let { winner, loser } = pair;
  for (const { feature, texts, winners, losers, slices } of plant) {
    if (slices && !slices.includes(pair.slice)) continue;
    const random = deriveRandom(seed, 'plant', feature, pair.instructionId);
    // All four are drawn whatever the shares are, so that another share moves no other draw.
    const [forWinner, forLoser] = [random.next(), random.next()];
    const [onWinner, onLoser] = [random.pick(texts), random.pick(texts)];
    if (forWinner < winners) winner = withFeature(winner, { feature, text: onWinner });
    if (forLoser < losers) loser = withFeature(loser, { feature, text: onLoser });
  }
  return { ...pair, winner, loser };
}

function withFeature(response: Response, { feature, text }: { feature: string; text: string }): Response {
  return {
    ...response,
    text: withFeatureText(text, { response: response.text }),
    planted: [...(response.planted ?? []), feature],
  };
}
