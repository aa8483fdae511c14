// What judging the pairs of a file would ask for, before anything is sent.
import { allOf } from '../../core/all-of.js';
import { evaluateJudge, itemOfPair, readPairsToJudge, type ReadPairs } from '../../evaluate/index.js';
import { ChatModel, NO_COMPLETIONS, type SampleRequest } from '../../model/index.js';
import { StoreEndpoint } from '../../model/store-endpoint.js';
import { CompletionStore } from '../../store/completion-store.js';
import { serverIdentity } from '../open/endpoint.js';
import { partitionsOf } from '../open/partitions.js';
import type { JudgeFileOptions } from './judge-file.js';
import { judgeOfRun, type JudgeOfRun } from './judge-of-run.js';
import { COMPLETIONS_FOLDER } from './open-judge.js';

/** Requests and their samples: those to be sent, and those that the store answers. */
export interface JudgingCounts {
  nRequests: number;
  nSamples: number;
  nStored: number;
}

/** What judging would ask for. */
export interface JudgingPlan
  extends
    JudgingCounts,
    Pick<ReadPairs, 'dropped' | 'badRows'>,
    Pick<JudgeOfRun, 'model' | 'iteration' | 'assessment'> {
  nPairs: number;
}

/** Pairs under way at once; only the store is asked. */
const LOOK_AHEAD = 64;

/** Counts what the judge asks for, so that a plan cannot differ from the judging. */
class CountingEndpoint extends StoreEndpoint<JudgingCounts> {
  protected onFound(): void {
    this.counts.nStored++;
  }

  protected onMissing({ nSamples }: SampleRequest): string {
    this.counts.nRequests++;
    this.counts.nSamples += nSamples;
    return 'not-stored';
  }
}

/** Plans {@link judgeFile}: starts no server, sends nothing, and writes nothing. @throws as that does for the run, the judge and the file */
export async function planJudging(
  options: Pick<
    JudgeFileOptions,
    'runFolder' | 'file' | 'columns' | 'iteration' | 'votes' | 'completionsFolder' | 'signal'
  >,
): Promise<JudgingPlan> {
  const { runFolder, file, columns, completionsFolder = COMPLETIONS_FOLDER } = options;
  const { signal = new AbortController().signal } = options;
  const { pairs, dropped, badRows } = await readPairsToJudge(file, { columns, signal });
  const judge = await judgeOfRun(runFolder, options);
  const { model, iteration, assessment, config, folder } = judge;
  const store = new CompletionStore({ folder: completionsFolder, segmentName: `plan-${process.pid}` });
  try {
    const inputs = { server: await serverIdentity(config) };
    const endpoint = new CountingEndpoint(
      {
        identityOf: await partitionsOf({ config, inputs }, folder),
        lookUp: (partition, keys) => store.getAll(partition, keys),
      },
      () => ({ nRequests: 0, nSamples: 0, nStored: 0 }),
    );
    const chatModel = new ChatModel({ endpoint, cache: NO_COMPLETIONS, lookAhead: LOOK_AHEAD });
    await allOf(evaluateJudge(pairs.map(itemOfPair), judge.howWith(chatModel, signal)));
    const counts = await endpoint.takeCounts();
    return { nPairs: pairs.length, model, iteration, assessment, ...counts, dropped, badRows };
  } finally {
    await store.close();
  }
}
