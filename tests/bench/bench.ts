// Everything that is measured for speed: npm run bench. Figures are ratios against a baseline of the same run, since machines differ.
// One part alone: npm run bench -- requests
import { cpus } from 'node:os';
import { benchCachedRerun } from './cached-rerun.js';
import { benchFilter } from './filter-bench.js';
import { benchMicro } from './micro-bench.js';
import { benchOverlap } from './overlap-bench.js';
import { benchPools } from './pool-bench.js';
import { benchRequests } from './request-bench.js';
import { benchScoring } from './score-bench.js';
import { benchView } from './view-bench.js';

const parts: Readonly<Record<string, () => Promise<unknown>>> = {
  micro: benchMicro,
  scoring: benchScoring,
  requests: benchRequests,
  rerun: benchCachedRerun,
  overlap: benchOverlap,
  filter: benchFilter,
  pools: benchPools,
  view: benchView,
};
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in parts));
if (unknown.length > 0)
  throw new RangeError(`${unknown.join(', ')}: expected of ${Object.keys(parts).join(', ')}`);

process.stdout.write(
  `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, node ${process.versions.node}\n\n`,
);
for (const [name, bench] of Object.entries(parts)) {
  if (asked.length === 0 || asked.includes(name)) await bench();
}
