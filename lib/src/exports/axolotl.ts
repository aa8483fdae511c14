// Axolotl: messages as JSON Lines, and the part of a configuration that names them.
// Supervised: https://docs.axolotl.ai/docs/dataset-formats/conversation.html; pairs: https://docs.axolotl.ai/docs/rlhf.html
import { stringify } from 'yaml';
import { jsonLines, type DatasetFormat, type ExportedSet } from './dataset-format.js';
import {
  answersToMessages,
  conversationRows,
  conversationSchema,
  promptSchema,
  type Split,
} from './row-format.js';

export const axolotlFormat: DatasetFormat = {
  title: 'Axolotl',
  documentation: {
    sft: 'https://docs.axolotl.ai/docs/dataset-formats/conversation.html',
    preference: 'https://docs.axolotl.ai/docs/rlhf.html',
  },
  isForTrainers: true,
  container: jsonLines,
  sft: conversationRows(conversationSchema),
  preference: answersToMessages(promptSchema),
  companions: (set) => [{ path: 'axolotl.yaml', text: configurationOf(set) }],
};

/** The part of the configuration that describes the data; base model and hyperparameters are left to the user. */
function configurationOf({ name, kind, splits }: ExportedSet): string {
  const entryOf = (split: Split): Record<string, unknown> => ({
    path: `${split}.jsonl`,
    ds_type: 'json',
    // Axolotl calls the only split of a local file so.
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
