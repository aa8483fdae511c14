// What an experiment plants on purpose, in words: its judges and training sets are for trying an audit, and everything they leave says so.
import type { ExperimentConfig } from './config.js';

/** The planted shortcuts, such as "length on 100% of the winners and 0% of the losers"; null where nothing is planted. */
export function plantedInWords({
  generate: { plant = [] },
  judge,
}: Pick<ExperimentConfig, 'generate' | 'judge'>): string | null {
  const features = plant.map(({ feature, winners, losers, slices }) => {
    const where = slices ? ` of ${slices.join(', ')}` : '';
    return `${feature} on ${percent(winners)} of the winners and ${percent(losers)} of the losers${where}`;
  });
  const position = judge.orders === 'winner-first' ? ['the winner shown first in every pair'] : [];
  return [...features, ...position].join('; ') || null;
}

function percent(share: number): string {
  return `${Math.round(1000 * share) / 10}%`;
}
