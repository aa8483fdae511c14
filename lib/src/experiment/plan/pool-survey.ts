// Looks how far the pool of an experiment is classified, and what its iterations would take.
import { kept } from '../../schema/drop.js';
import type { Instruction } from '../../schema/instruction.js';
import type { StageRecord } from '../../schema/manifest.js';
import { SelectionTally } from '../../select/index.js';
import type { RunFolder } from '../../store/index.js';
import { chooseClassified, readClassification } from '../open/classified-pool.js';
import type { PreparedExperiment } from '../open/prepare.js';
import { chosenSource, type InstructionSource, type UnclassifiedPool } from '../open/sources.js';
import { NOT_CACHED } from './planning-endpoint.js';
import type { Probe, StageProber } from './probe.js';
import { MOST_PROBED } from './sample.js';

/** What was found out about a pool that is to be classified. */
export interface SurveyedPool {
  unclassified: UnclassifiedPool;
  /** Of an earlier attempt of the run that finished it, or null. */
  record: StageRecord | null;
  /** Of the candidates, or of a sample of them; null where the record tells all. */
  probe: Probe<Instruction> | null;
  /** What iterations take from; `isProvisional`: something like it, since not all labels are there. */
  instructions: InstructionSource;
  isProvisional: boolean;
}

/**
 * @returns null where no pool is to be classified
 * @throws ConfigError when labels that are there leave too few
 */
export async function surveyPool(
  { config, instructions, folder: run }: PreparedExperiment & { folder: RunFolder },
  prober: StageProber,
): Promise<SurveyedPool | null> {
  const { unclassified, fileHash } = instructions;
  if (unclassified === null) return null;
  const { pool, nCandidates } = unclassified;
  const record = await readClassification(run);
  if (record !== null) {
    const chosen = await chooseClassified(unclassified, { run, record, config, fileHash });
    return { unclassified, record, probe: null, instructions: chosen, isProvisional: false };
  }
  const probe = await prober.classify(unclassified, await pool.sample(MOST_PROBED, prober.signal));
  const isKnown = probe.nInput === nCandidates && !probe.drops.has(NOT_CACHED);
  if (!isKnown) return { unclassified, record, probe, instructions, isProvisional: true };
  const tally = new SelectionTally({ drops: Object.fromEntries(probe.drops) });
  const outcomes = probe.kept.map((instruction) => kept(instruction));
  const chosen = await chosenSource(pool, { config, outcomes, tally, fileHash });
  return { unclassified, record, probe, instructions: chosen, isProvisional: false };
}
