// What was made from an earlier result of a stage that came out differently: its records would vouch for it, so they are removed.
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { namesIn } from '../../core/files.js';
import { RunFolder } from '../../store/index.js';
import { filesBeside, ITERATION_FILES } from '../layout/run-files.js';
import { STAGES, type Stage } from '../watch/events.js';

/**
 * Removes the records of the stages that follow from one: the later ones of its iteration; after a training also those of later
 * iterations from the judge stage on, and after the classification of the pool everything but the evaluation of the seed model.
 * @param folder the folder of the iteration, or of the pool
 */
export async function forgetWhatFollows({
  stage,
  folder,
  iteration,
}: {
  stage: Stage;
  folder: RunFolder;
  iteration: number;
}): Promise<void> {
  const run = new RunFolder(dirname(folder.path));
  for (const name of await namesIn(run.path)) {
    const other = Number(/^iteration-(\d+)$/.exec(name)?.[1] ?? -1);
    const last = lastToKeep(other, { stage, iteration });
    if (other === -1 || last === null) continue;
    const inside = run.inside(name);
    await rm(inside.file(ITERATION_FILES.manifest), { force: true });
    const records = STAGES.slice(STAGES.indexOf(last) + 1).map((later) => filesBeside(later).record);
    const ofBenchmarks = (await namesIn(inside.path)).filter((file) =>
      /^evaluate-.*\.stage\.json$/.test(file),
    );
    for (const record of [...records, ...(last === 'evaluate' ? [] : ofBenchmarks)])
      await rm(inside.file(record), { force: true });
  }
}

/** The last stage of an iteration whose record stays; null where all of them do. */
function lastToKeep(other: number, { stage, iteration }: { stage: Stage; iteration: number }): Stage | null {
  if (stage === 'classify') return other === 0 ? null : stage;
  if (other === iteration) return stage;
  return stage === 'finetune' && other > iteration ? 'generate' : null;
}
