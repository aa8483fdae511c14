// What runs and single stages have in common: servers, completion store, the run's folder with its ledger, and the budget.
import { makeFolder } from '../../core/files.js';
import type { FineTuneBackend } from '../../finetune/index.js';
import { amountsOf, Budget, ChatModel, Prices, RoutedEndpoint } from '../../model/index.js';
import { CompletionStore, SpendingLedger, type RunFolder } from '../../store/index.js';
import { connectEndpoint, type ConnectedEndpoint, type ServerDemands } from './endpoint.js';
import type { RunListener } from '../watch/events.js';
import { executorOf } from './executor.js';
import type { RunObservers } from '../watch/observers.js';
import type { PreparedExperiment } from './prepare.js';
import { openTrainer } from './trainer.js';
import { RUN_FILES } from '../layout/run-files.js';

/** Where an experiment is read from, what is kept where, and who is told. */
export interface ExperimentOptions {
  configPath: string;
  /** `key.path=value` settings that replace values of the file. */
  overrides?: readonly string[];
  /** Where runs are kept, as `<experiment>/<run>`. */
  resultsFolder: string;
  /** Where completions are kept, shared by all runs. */
  completionsFolder: string;
  environment: NodeJS.ProcessEnv;
  onEvent: RunListener;
  signal: AbortSignal;
}

/** What was opened, in that order; each gives one thing back. */
export type Cleanup = (() => Promise<void>)[];

/** Does work that opens things, and gives them back at its end, the latest first. */
export async function withCleanup<Result>(work: (cleanup: Cleanup) => Promise<Result>): Promise<Result> {
  const cleanup: Cleanup = [];
  try {
    return await work(cleanup);
  } finally {
    // A failure to give one thing back must not keep the others.
    for (const release of cleanup.reverse()) await release().catch(() => undefined);
  }
}

/** What opening needs besides the experiment. */
export interface OpeningOptions {
  /** Of the run with these settings, whose budget pays. */
  folder: RunFolder;
  options: ExperimentOptions;
  observers: RunObservers;
  cleanup: Cleanup;
  /** Absent: what a run needs. */
  demands?: ServerDemands | undefined;
}

/** An experiment whose servers have answered and whose run folder is this process's. */
export interface OpenedExperiment extends OpeningOptions {
  prepared: PreparedExperiment;
  connected: ConnectedEndpoint;
  store: CompletionStore;
  ledger: SpendingLedger;
}

/**
 * Connects, and takes the run's folder.
 * @throws ConfigError, ModelError; DataError also when another process works on that folder
 */
export async function openExperiment(
  prepared: PreparedExperiment,
  opening: OpeningOptions,
): Promise<OpenedExperiment> {
  const { folder, options, observers, cleanup, demands } = opening;
  const { environment, configPath, completionsFolder, signal } = options;
  const connected = await connectEndpoint(prepared.config, {
    environment,
    configPath,
    onEvent: observers.onEngineEvent,
    onWarning: observers.warn,
    signal,
    demands,
  });
  cleanup.push(connected.close);
  await makeFolder(completionsFolder);
  const store = new CompletionStore({
    folder: completionsFolder,
    segmentName: `${Date.now()}-${process.pid}`,
  });
  cleanup.push(() => store.close());
  cleanup.push(await folder.lock());
  const ledger = await SpendingLedger.open(folder.file(RUN_FILES.spending));
  cleanup.push(() => ledger.close());
  return { ...opening, prepared, connected, store, ledger };
}

/** The client of the stages, and what is to be told once they are done. */
export interface OpenedChatModel {
  chatModel: ChatModel;
  /** Has a model asked at another address from now on, where its trainer serves it there. */
  serveAt: (model: string, baseUrl: string) => void;
  tellWarnings: () => Promise<void>;
}

/** Opens the client, which asks the store first and spends within the budget. @throws DataError */
export async function openChatModel(opened: OpenedExperiment): Promise<OpenedChatModel> {
  const { prepared, connected, store, ledger, observers, cleanup, options } = opened;
  const { config } = prepared;
  const { completionsFolder } = options;
  const executor = await executorOf(config, connected, {
    completionsFolder,
    onEvent: observers.onEngineEvent,
  });
  cleanup.push(executor.close);
  const prices = new Prices(config.prices, { isBatch: config.endpoint.batch !== undefined });
  const spending = new Budget({
    caps: config.budget,
    prices,
    spentBefore: amountsOf(ledger.entries, prices),
    record: (paid) => ledger.record(paid),
  });
  const endpoint = new RoutedEndpoint(executor.endpoint);
  for (const [model, other] of connected.others) endpoint.route(model, other);
  const { lookAhead } = executor;
  return {
    chatModel: new ChatModel({ endpoint, cache: store, lookAhead, spending }),
    serveAt: (model, baseUrl) => {
      endpoint.route(model, connected.openElsewhere(baseUrl));
    },
    tellWarnings: async () => {
      const nDamaged = await store.nDamaged();
      if (nDamaged > 0) {
        const lines = `${nDamaged} damaged lines in ${completionsFolder}`;
        observers.warn(`${lines} were passed over and asked for again`);
      }
      for (const warning of executor.warnings()) observers.warn(warning);
    },
  };
}

/** Opens the trainer. */
export function openBackend({
  connected,
  prepared,
  options,
  folder,
}: OpenedExperiment): Promise<FineTuneBackend> {
  const { configPath, environment } = options;
  return openTrainer(prepared.config, { connected, configPath, jobsFolder: folder.path, environment });
}
