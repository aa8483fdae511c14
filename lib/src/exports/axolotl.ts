// Axolotl: messages as JSON Lines, and the part of a configuration that names them.
// Supervised: https://docs.axolotl.ai/docs/dataset-formats/conversation.html; pairs: https://docs.axolotl.ai/docs/rlhf.html
import { stringify } from 'yaml';
import { z } from 'zod';
import type { TrainingExample } from '../schema/training-example.js';
import type { DatasetFormat, ExportedSet } from './dataset-format.js';
import {
  answersToMessages,
  assistant,
  conversationSchema,
  promptAndCompletion,
  promptSchema,
  rowFormat,
  type Split,
} from './row-format.js';

const fileOf = (split: Split): string => `${split}.jsonl`;

export const axolotlFormat: DatasetFormat = {
  title: 'Axolotl',
  documentation: {
    sft: 'https://docs.axolotl.ai/docs/dataset-formats/conversation.html',
    preference: 'https://docs.axolotl.ai/docs/rlhf.html',
  },
  container: 'jsonl',
  fileOf,
  sft: rowFormat({
    name: 'Axolotl',
    schema: z.strictObject({ messages: conversationSchema }),
    toRow: ({ prompt, completion }: TrainingExample) => ({ messages: [...prompt, assistant(completion)] }),
    fromRow: ({ messages }) => promptAndCompletion(messages),
  }),
  preference: answersToMessages({ name: 'Axolotl', prompt: promptSchema }),
  companions: (set) => [{ path: 'axolotl.yaml', text: configurationOf(set) }],
};

/** Without base model and hyperparameters, which are the user's to choose. */
function configurationOf({ name, kind, splits }: ExportedSet): string {
  const entryOf = (split: Split): Record<string, unknown> => ({
    path: fileOf(split),
    ds_type: 'json',
    // A local file has no other split than this.
    split: 'train',
    type: kind === 'sft' ? 'chat_template' : 'chat_template.default',
    field_messages: 'messages',
    ...(kind === 'sft' ? {} : { field_chosen: 'chosen', field_rejected: 'rejected' }),
    message_property_mappings: { role: 'role', content: 'content' },
    roles: { user: ['user'], assistant: ['assistant'], system: ['system'] },
    ...(kind === 'sft' ? { roles_to_train: ['assistant'] } : {}),
  });
  const configuration = {
    ...(kind === 'preference' ? { rl: 'dpo' } : {}),
    chat_template: 'tokenizer_default',
    ...(kind === 'sft' ? { train_on_inputs: false } : {}),
    datasets: [entryOf('train')],
    ...(splits.includes('validation') ? { test_datasets: [entryOf('validation')] } : {}),
  };
  return (
    `# The data of ${name}. Add base_model and hyperparameters, and start axolotl in this folder: paths are relative.\n` +
    stringify(configuration, { aliasDuplicateObjects: false })
  );
}
