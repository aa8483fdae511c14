// An experiment with its servers, its completion store, and the folder of its run with ledger and budget: what runs and single stages
// work with.
import { dirname, join } from 'node:path';
import { makeFolder } from '../../core/files.js';
import { MODELS_FILE, openTrainer, type FineTuneBackend } from '../../finetune/index.js';
import { amountsOf, Budget, ChatModel, Prices, RoutedEndpoint } from '../../model/index.js';
import { CompletionStore, RunFolder, SpendingLedger } from '../../store/index.js';
import { RUN_FILES } from '../layout/run-files.js';
import type { RunListener } from '../watch/events.js';
import { RunObservers } from '../watch/observers.js';
import { connectEndpoint, demandsOf, RUN_RETRIES, type ServerDemands } from './endpoint.js';
import { executorOf } from './executor.js';
import { modelsServedElsewhere } from './partitions.js';
import type { ExperimentConfig } from '../config/config.js';
import type { PreparedExperiment } from './prepare.js';
import { renewAddresses } from './served-models.js';

/** Where an experiment is read from, and where results are kept. */
export interface ExperimentPlaces {
  configPath: string;
  /** `key.path=value` settings that replace values of the file. */
  overrides?: readonly string[] | undefined;
  /** Where runs are kept, as `<experiment>/<run>`. */
  resultsFolder: string;
  /** Where completions are kept, shared by all runs; it need not be there. */
  completionsFolder: string;
  signal: AbortSignal;
}

/** An experiment, and who receives events. */
export interface ExperimentOptions extends ExperimentPlaces {
  /** Where an embedded model is kept for which the experiment names no folder. Default: `.autodidact/embedded`. */
  embeddedFolder?: string;
  environment: NodeJS.ProcessEnv;
  /** How long a run waits for servers that went away, in milliseconds without progress. Default: not at all. */
  superviseMs?: number | undefined;
  /** Why a run goes on in spite of what a gate has ended it for; absent: it does not. */
  accept?: string | undefined;
  onEvent: RunListener;
}

/** Servers that have answered, and a run's folder that is this process's. */
export interface OpenedServers {
  /** The folder of the experiment file. */
  baseFolder: string;
  /** Of the run with these settings, whose budget pays. */
  folder: RunFolder;
  observers: RunObservers;
  ledger: SpendingLedger;
  /** Asks the completion store first and spends within the budget. */
  chatModel: ChatModel;
  /** Sends requests for a model to another address from now on, where its trainer serves it. */
  serveAt: (model: string, baseUrl: string) => void;
  /** Notes with the stored completions of a model where it comes from, unless that is null. @returns what was noted first @throws DataError */
  originOf: (model: string, origin: string | null) => Promise<string | null>;
  /** Opens the trainer that the experiment names, once. @throws ConfigError */
  openTrainer: () => Promise<FineTuneBackend>;
  /** Removes keys from texts of servers. */
  redact: (text: string) => string;
  /** Releases something when the experiment is closed, before what was opened earlier. */
  onClose: (release: () => void | Promise<void>) => void;
  signal: AbortSignal;
}

/** An experiment whose servers have answered. */
export type OpenedExperiment = PreparedExperiment & OpenedServers;

/** The folder of the run that has the settings of an experiment. */
export function runFolderOf(
  { config, runId }: Pick<PreparedExperiment, 'config' | 'runId'>,
  { resultsFolder }: Pick<ExperimentOptions, 'resultsFolder'>,
): RunFolder {
  return new RunFolder(join(resultsFolder, config.name, runId));
}

/**
 * Connects, takes the run's folder, does the work, and closes all of it. Damaged entries of store and ledger and stray results of
 * batches are reported as warnings, also if the work fails.
 * @param options.demands what the servers are needed for; absent: what a run needs
 * @throws ConfigError, ModelError; DataError also when another process works on that folder; whatever the work throws
 */
export function withOpenedExperiment<Result>(
  prepared: PreparedExperiment,
  options: ExperimentOptions & { demands?: ServerDemands | undefined },
  work: (opened: OpenedExperiment) => Promise<Result>,
): Promise<Result> {
  const of = { config: prepared.config, folder: runFolderOf(prepared, options) };
  return withOpenedServers(of, options, (servers) => work({ ...prepared, ...servers }));
}

/** What opening servers needs besides settings. */
export type OpenServersOptions = Omit<ExperimentOptions, 'resultsFolder'> & {
  demands?: ServerDemands | undefined;
};

/** The same for the servers alone, where nothing else of the experiment is needed. @param of.folder of the run, whose budget pays @throws as that does */
export async function withOpenedServers<Result>(
  of: { config: ExperimentConfig; folder: RunFolder },
  options: OpenServersOptions,
  work: (opened: OpenedServers) => Promise<Result>,
): Promise<Result> {
  const releases: (() => void | Promise<void>)[] = [];
  try {
    const { opened, warn } = await open(of, options, (release) => releases.push(release));
    try {
      return await work(opened);
    } finally {
      await warn();
    }
  } finally {
    // A failure to release one thing must not keep the others.
    for (const release of releases.reverse()) {
      try {
        await release();
      } catch {
        // Reported by the work, where it matters.
      }
    }
  }
}

async function open(
  { config, folder }: { config: ExperimentConfig; folder: RunFolder },
  options: OpenServersOptions,
  onClose: OpenedServers['onClose'],
): Promise<{ opened: OpenedServers; warn: () => Promise<void> }> {
  const { environment, configPath, completionsFolder, embeddedFolder, signal } = options;
  const { models, needsTraining } = options.demands ?? demandsOf(config);
  const observers = new RunObservers(options.onEvent);
  const servedElsewhere = await modelsServedElsewhere(folder);
  const onEvent = observers.onEngineEvent;
  const connected = await connectEndpoint(config, {
    environment,
    configPath,
    embeddedFolder,
    onEvent,
    onWarning: observers.warn,
    signal,
    demands: { models: models.filter((model) => !servedElsewhere.has(model)), needsTraining },
  });
  onClose(connected.close);
  await makeFolder(completionsFolder);
  const store = new CompletionStore({
    folder: completionsFolder,
    segmentName: `${Date.now()}-${process.pid}`,
  });
  onClose(() => store.close());
  onClose(await folder.lock());
  const ledger = await SpendingLedger.open(folder.file(RUN_FILES.spending));
  onClose(() => ledger.close());
  const executor = await executorOf(config, connected, { completionsFolder, onEvent });
  onClose(executor.close);
  const prices = new Prices(config.prices, { isBatch: config.endpoint.batch !== undefined });
  const spending = new Budget({
    caps: config.budget,
    prices,
    spentBefore: amountsOf(ledger.entries, prices),
    record: (paid) => ledger.record(paid),
  });
  const endpoint = new RoutedEndpoint(executor.endpoint);
  for (const [model, other] of connected.others) endpoint.route(model, other);
  const serveAt = (model: string, baseUrl: string): void => {
    endpoint.route(model, connected.openElsewhere(baseUrl));
  };
  for (const [model, baseUrl] of servedElsewhere) serveAt(model, baseUrl);
  const { lookAhead } = executor;
  let trainer: Promise<FineTuneBackend> | undefined;
  const opened: OpenedServers = {
    baseFolder: dirname(configPath),
    folder,
    observers,
    ledger,
    chatModel: new ChatModel({ endpoint, cache: store, lookAhead, spending }),
    serveAt,
    originOf: (model, origin) => store.originOf(endpoint.identityOf(model), origin),
    openTrainer: () =>
      (trainer ??= connected.endpoint.openClient().then((client) =>
        openTrainer(config.finetune.trainer, {
          client,
          retry: RUN_RETRIES,
          redact: connected.redact,
          baseFolder: opened.baseFolder,
          jobsFolder: folder.file('trainer-jobs'),
          environment,
        }),
      )),
    redact: connected.redact,
    onClose,
    signal,
  };
  await renewAddresses(folder.file(MODELS_FILE), {
    trainer: config.finetune.trainer,
    openTrainer: opened.openTrainer,
    serveAt,
    warn: observers.warn,
    signal,
  });
  return { opened, warn };

  async function warn(): Promise<void> {
    // A store that cannot be counted must not hide why the work failed.
    const nDamaged = await store.nDamaged().catch(() => 0);
    if (nDamaged > 0)
      observers.warn(`${nDamaged} damaged lines in ${completionsFolder} were skipped and requested again`);
    if (ledger.nDamaged > 0) {
      const path = folder.file(RUN_FILES.spending);
      observers.warn(
        `${ledger.nDamaged} damaged lines in ${path}: what they recorded does not count towards the budget`,
      );
    }
    for (const warning of executor.warnings()) observers.warn(warning);
  }
}
