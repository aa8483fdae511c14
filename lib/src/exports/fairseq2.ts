// fairseq2, the trainer of the paper: source and target texts as JSON Lines, one folder a split, and an asset card.
// Rows: https://facebookresearch.github.io/fairseq2/nightly/notebooks/dataset_gsm8k_sft.html,
// https://github.com/facebookresearch/fairseq2/blob/main/recipes/lm/sft/README.md; cards:
// https://facebookresearch.github.io/fairseq2/stable/tutorials/end_to_end_fine_tuning.html
import { stringify } from 'yaml';
import { z } from 'zod';
import type { ChatMessage } from '../schema/chat.js';
import { jsonLines, type DatasetFormat, type ExportedSet } from './dataset-format.js';
import { preferenceRows, sftRows, type SftRecord } from './row-format.js';

const ANSWER = '<|start_header_id|>assistant<|end_header_id|>\n\n';
const TURN = /<\|start_header_id\|>(system|user|assistant)<\|end_header_id\|>\n\n([^]*?)<\|eot_id\|>/y;

/**
 * The prompt as a text in the chat template of Llama 3, up to the header of the answer. fairseq2's tokenizer adds the tokens that begin
 * and end a sequence.
 *
 * DEVIATION: fairseq2 documents the source as a text and shows Llama 3's template in its examples, but has no rule for other models.
 * Sets for other models need another format, such as TRL's, whose trainers apply the template of the model.
 */
function llama3Source(prompt: readonly ChatMessage[]): string {
  const turns = prompt.map(
    ({ role, content }) => `<|start_header_id|>${role}<|end_header_id|>\n\n${content.trim()}<|eot_id|>`,
  );
  return turns.join('') + ANSWER;
}

/** The messages of a text in that template, or null. White space around a content is lost, as in Llama 3's own template. */
function fromLlama3Source(source: string): ChatMessage[] | null {
  const prompt: ChatMessage[] = [];
  TURN.lastIndex = 0;
  let end = 0;
  for (let turn = TURN.exec(source); turn; turn = TURN.exec(source)) {
    prompt.push({ role: turn[1] as ChatMessage['role'], content: turn[2] ?? '' });
    end = TURN.lastIndex;
  }
  return prompt.length > 0 && source.slice(end) === ANSWER ? prompt : null;
}

/** Special tokens of Llama 3. Inside a content they would end it, and the rest would be read as another turn. */
const SPECIAL_TOKEN = /<\|(?:[a-z]+_)+(?:id|text)\|>/;

const sourceSchema = z.string().refine((source) => {
  const prompt = fromLlama3Source(source) ?? [];
  return prompt.length > 0 && !prompt.some(({ content }) => SPECIAL_TOKEN.test(content));
}, 'expected messages without the special tokens of Llama 3 in them');

const targetSchema = z
  .string()
  .min(1)
  .refine(
    (target) => !SPECIAL_TOKEN.test(target),
    'expected a judgment without the special tokens of Llama 3 in it',
  );

const read = (src: string, id: string): Pick<SftRecord, 'prompt' | 'pairId'> => ({
  prompt: fromLlama3Source(src) ?? [],
  pairId: id.replace(/#\d+$/, ''),
});

const source = { id: z.string().min(1), src: sourceSchema };

export const fairseq2Format: DatasetFormat = {
  title: 'fairseq2',
  documentation: 'https://facebookresearch.github.io/fairseq2/stable/tutorials/end_to_end_fine_tuning.html',
  isForTrainers: true,
  container: jsonLines,
  fileOf: (split) => `${split}/${split}.jsonl`,
  sft: sftRows({
    schema: z.strictObject({ ...source, tgt: targetSchema }),
    toRow: ({ prompt, completion }, id) => ({ id, src: llama3Source(prompt), tgt: completion }),
    fromRow: ({ id, src, tgt }) => ({ ...read(src, id), completion: tgt }),
  }),
  preference: preferenceRows({
    schema: z.strictObject({ ...source, tgt_chosen: targetSchema, tgt_rejected: targetSchema }),
    toRow: ({ prompt, chosen, rejected }, id) => ({
      id,
      src: llama3Source(prompt),
      tgt_chosen: chosen,
      tgt_rejected: rejected,
    }),
    fromRow: ({ id, src, tgt_chosen, tgt_rejected }) => ({
      ...read(src, id),
      chosen: tgt_chosen,
      rejected: tgt_rejected,
    }),
  }),
  companions: (set) => [{ path: `${set.name}.yaml`, text: assetCardOf(set) }],
};

/** fairseq2 takes a supervised set as a folder of splits, and a preference set as a single split, so that each split needs a card. */
function assetCardOf({ name, kind, splits }: ExportedSet): string {
  const cards =
    kind === 'sft'
      ? [{ name, dataset_family: 'generic_instruction', data: '.' }]
      : splits.map((split) => ({
          name: split === 'train' ? name : `${name}_${split}`,
          dataset_family: 'generic_preference_optimization',
          data: `./${split}`,
        }));
  return (
    '# Asset card: put it where fairseq2 looks for cards, with `data` as the absolute path of that folder.\n' +
    cards.map((card) => stringify(card)).join('\n---\n\n')
  );
}
