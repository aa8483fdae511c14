// Writes the JSON Schema of experiment files, which editors read, and docs/settings.md from it: npm run schema
import { mkdir, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { experimentJsonSchema } from '../lib/src/experiment/config/experiment-schema.js';
import { settingsPage } from './settings-page.js';

const schema = experimentJsonSchema();
const files = {
  'experiments/experiment.schema.json': await format(JSON.stringify(schema), {
    parser: 'json',
    printWidth: 110,
  }),
  'docs/settings.md': settingsPage(schema),
};
await mkdir('docs', { recursive: true });
for (const [path, text] of Object.entries(files)) {
  await writeFile(path, text);
  process.stdout.write(`${path}\n`);
}
