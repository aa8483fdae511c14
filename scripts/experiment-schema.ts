// Writes the JSON Schema of experiment files, which editors read: npm run schema
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { experimentJsonSchema } from '../lib/src/index.js';

const path = 'experiments/experiment.schema.json';
await writeFile(
  path,
  await format(JSON.stringify(experimentJsonSchema()), { parser: 'json', printWidth: 110 }),
);
process.stdout.write(`${path}\n`);
