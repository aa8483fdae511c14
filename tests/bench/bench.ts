// Everything that is measured for speed: npm run bench. Figures are ratios against a baseline of the same run, since machines differ.
import { cpus } from 'node:os';
import { benchMicro } from './micro-bench.js';
import { benchScoring } from './score-bench.js';

process.stdout.write(
  `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, node ${process.versions.node}\n\n`,
);
await benchMicro();
await benchScoring();
