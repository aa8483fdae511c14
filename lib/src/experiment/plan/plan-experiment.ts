// The plan of a run: what each stage would ask of its models and what that costs, before anything is sent.
import { amountsOf, Prices } from '../../model/index.js';
import type { Plan } from '../../schema/plan.js';
import { CompletionStore } from '../../store/completion-store.js';
import { readLedger } from '../../store/spending-ledger.js';
import { partitionsOf } from '../open/partitions.js';
import { runFolderOf, type ExperimentPlaces } from '../open/opened-experiment.js';
import { prepareExperiment, type PreparedExperiment } from '../open/prepare.js';
import { assumedLengths } from './assumed-lengths.js';
import { assumptionsAbout, paceOf } from './assumptions.js';
import { plannedCaps } from './caps.js';
import { plannedStages, totalOf } from './planned-stages.js';
import { PlanningEndpoint } from './planning-endpoint.js';
import { StageProber, type KnownProbes } from './probe.js';
import { survey } from './survey.js';
import { tagPrompts } from './tagged-pack.js';
import { tokenCounterOf } from './token-counter.js';
import { RUN_FILES } from '../layout/run-files.js';

/** Which experiment is planned, and over which store. */
export type PlanOptions = ExperimentPlaces;

/**
 * Plans a run: starts no server, sends nothing, and changes nothing in the run's folder.
 * @throws ConfigError, DataError; the signal's reason when aborted
 * @example
 * ```ts
 * const places = { resultsFolder: 'results', completionsFolder: '.autodidact/completions' };
 * showTable(planTable(await planExperiment({ configPath: 'experiment.yaml', ...places, signal })));
 * ```
 */
export async function planExperiment(options: PlanOptions): Promise<Plan> {
  const prepared = await prepareExperiment(options.configPath, options.overrides, options.signal);
  return planPrepared(prepared, options);
}

/**
 * Plans an experiment that is prepared.
 * @param options.known see {@link StageProber}
 * @throws DataError; the signal's reason when aborted
 */
export async function planPrepared(
  prepared: PreparedExperiment,
  options: Pick<PlanOptions, 'resultsFolder' | 'completionsFolder' | 'signal'> & {
    known?: KnownProbes | undefined;
  },
): Promise<Plan> {
  const { config, runId } = prepared;
  const folder = runFolderOf(prepared, options);
  const { counter: tokens, assumption: aboutTokens } = tokenCounterOf(config);
  const tagged = tagPrompts(prepared.pack);
  // Only read; nothing is claimed or written.
  const store = new CompletionStore({
    folder: options.completionsFolder,
    segmentName: `plan-${process.pid}`,
  });
  try {
    const endpoint = new PlanningEndpoint({
      identityOf: await partitionsOf(prepared, folder),
      lookUp: (partition, keys) => store.getAll(partition, keys),
      kindOf: tagged.kindOf,
      tokens,
    });
    const prober = new StageProber({
      prepared,
      tagged,
      endpoint,
      signal: options.signal,
      known: options.known,
    });
    const found = await survey({ ...prepared, folder }, prober);
    const { lengths, assumptions } = assumedLengths({
      config,
      packName: prepared.pack.name,
      generated: found.generated,
      tallies: found.tallies,
      tokens,
    });
    const prices = new Prices(config.prices, { isBatch: config.endpoint.batch !== undefined });
    const pace = paceOf(config);
    const { tokensPerSecond } = pace;
    const stages = plannedStages(found, {
      config,
      pack: tagged.pack,
      tokens,
      lengths,
      prices,
      tokensPerSecond,
    });
    const { entries } = await readLedger(folder.file(RUN_FILES.spending));
    const spentBefore = amountsOf(entries, prices);
    return {
      experiment: config.name,
      runId,
      folder: folder.path,
      stages,
      total: totalOf(stages),
      caps: plannedCaps(stages, { caps: config.budget, spentBefore }),
      epochs: config.finetune.epochs,
      assumptions: [aboutTokens, ...assumptions, pace.assumption, ...assumptionsAbout(config, found)],
    };
  } finally {
    await store.close();
  }
}
