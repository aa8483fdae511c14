// What earlier attempts of a run have finished, from its folder.
import { allOf } from '../../core/all-of.js';
import { responsePairSchema, type ResponsePair } from '../../schema/response-pair.js';
import { fineTunedModelSchema } from '../../schema/fine-tuned-model.js';
import { stageRecordSchema, type StageRecord } from '../../schema/manifest.js';
import { PLANNED_STAGES } from '../../schema/plan.js';
import type { RunFolder } from '../../store/index.js';
import { filesBeside, ITERATION_FILES, iterationFolder } from './run-files.js';

/** What is finished of one iteration. */
export interface FinishedStages {
  /** Records of finished stages, by the name of their files: the stage, or that of an evaluation. */
  records: ReadonlyMap<string, StageRecord>;
  /** The judge that it trained; null until it is there. */
  resultModel: string | null;
  /** Its pairs; null until the stage is complete. */
  readPairs: () => Promise<ResponsePair[] | null>;
}

/** Reads the folder of an iteration, which need not exist. A damaged record is none: its stage is done again. @param options.besideNames of evaluations */
export async function finishedStages(
  run: RunFolder,
  iteration: number,
  { besideNames = [] }: { besideNames?: readonly string[] } = {},
): Promise<FinishedStages> {
  const folder = iterationFolder(run, iteration);
  const ignored = (): undefined => undefined;
  const records = new Map<string, StageRecord>();
  for (const stage of [...PLANNED_STAGES, 'filter', ...besideNames]) {
    const record = await folder.readIntact(filesBeside(stage).record, stageRecordSchema, ignored);
    if (record) records.set(stage, record);
  }
  const model = await folder.readIntact(ITERATION_FILES.model, fineTunedModelSchema, ignored);
  return {
    records,
    resultModel: records.has('finetune') ? (model?.model ?? null) : null,
    readPairs: async () => {
      if (!records.has('generate')) return null;
      return allOf(folder.records(ITERATION_FILES.pairs, responsePairSchema));
    },
  };
}
