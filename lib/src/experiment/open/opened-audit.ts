// The audit of an experiment, opened: the pairs that every judge is asked about, as they are and as probes change them.
import { ConfigError } from '../../core/errors.js';
import { contentHash, sha256 } from '../../core/hash.js';
import { didYouMean } from '../../core/nearest.js';
import { printable } from '../../core/text.js';
import { probedItems, type ProbedBenchmarkItem } from '../../evaluate/index.js';
import { probesOf } from '../../prompt/index.js';
import type { AuditRecord } from '../../schema/manifest.js';
import type { ExperimentConfig } from '../config/config.js';
import { headlineOf, type OpenedEvaluation, type OpenedEvaluations } from './evaluations.js';

/** What the judges of a run are audited with. */
export interface OpenedAudit extends AuditRecord {
  /** The evaluation whose pairs, prompts and sampling it takes: the headline. */
  evaluation: OpenedEvaluation;
  items: readonly ProbedBenchmarkItem[];
}

/**
 * Draws the pairs and changes them.
 * @returns null where no probes are to be tried
 * @throws ConfigError for a benchmark without a pair to draw, and for a probe that leaves out or changes nothing, such as a misspelt one
 */
export function openAudit(
  { audit }: Pick<ExperimentConfig, 'audit'>,
  evaluations: OpenedEvaluations,
): OpenedAudit | null {
  if (!audit || audit.probes === 'none') return null;
  const { pairs, seed, probes: own } = audit;
  const evaluation = headlineOf(evaluations);
  const { benchmark, pack, settings, configKey } = evaluation;
  for (const [name, texts] of Object.entries(own)) {
    if (texts !== null || Object.hasOwn(pack.probes, name)) continue;
    const known = Object.keys(pack.probes);
    throw new ConfigError({
      subject: `audit.probes.${printable(name)}`,
      expected: `null for a probe of the pack ${pack.name}: ${known.join(', ')}`,
      received: `null for one that it does not have${didYouMean(name, known)}`,
      remedy: 'Correct the name, or take it away.',
    });
  }
  const probes = probesOf(pack, own);
  const items = probedItems(benchmark.items, { probes, nPairs: pairs, seed });
  const drawn = items.filter(({ probe }) => probe === 'plain');
  if (drawn.length === 0) {
    throw new ConfigError({
      subject: configKey,
      expected: 'pairs with a right response, for the audit of judges',
      received: `${benchmark.items.length} pairs, all of them ties`,
      remedy: 'Give it pairs that are no ties, or set audit.probes to none.',
    });
  }
  const tried = new Set(items.map(({ probe }) => probe));
  const idle = Object.keys(probes).find((name) => !tried.has(name) && Object.hasOwn(own, name));
  if (idle !== undefined) {
    const slices = [...new Set(benchmark.items.map(({ slice }) => slice))];
    throw new ConfigError({
      subject: `audit.probes.${printable(idle)}.slices`,
      expected: `slices of the pairs that are drawn: ${slices.map((slice) => printable(slice)).join(', ')}`,
      received: 'none of them, so that it changes no pair',
      remedy: 'Correct the slices, or leave them out.',
    });
  }
  const { temperature, topP, maxTokens, logprobs } = settings;
  const how = { temperature, topP, maxTokens, logprobs, prompts: pack.version };
  // One by one: as one text, many pairs would be longer than a string can be.
  const hashes = drawn.map((item) => sha256(JSON.stringify(item)));
  // Through JSON, in which settings that are absent are nowhere.
  const askedHash = contentHash(JSON.parse(JSON.stringify({ hashes, probes, seed, how })));
  return { nPairs: drawn.length, probes: Object.keys(probes), askedHash, evaluation, items };
}

/** What a run's manifest says of its audit; undefined where there is none. */
export function auditRecord(audit: OpenedAudit | null): AuditRecord | undefined {
  if (!audit) return undefined;
  const { nPairs, probes, askedHash } = audit;
  return { nPairs, probes: [...probes], askedHash };
}
