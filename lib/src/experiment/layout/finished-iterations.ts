// The finished iterations of a run: those with a manifest.
import { ConfigError, DataError } from '../../core/errors.js';
import { namesIn } from '../../core/files.js';
import { iterationManifestSchema, type IterationManifest } from '../../schema/manifest.js';
import { RunFolder } from '../../store/index.js';
import { ITERATION_FILES, iterationFolder, RUN_FILES } from './run-files.js';

/** One finished iteration. */
export interface FinishedIteration {
  /** The run's folder. */
  runPath: string;
  /** 0 is the seed model. */
  iteration: number;
  manifest: IterationManifest;
  /** Its folder. */
  folder: RunFolder;
}

/**
 * Iterations of a run.
 * @param which `last`, `all`, or the digits of one
 * @throws DataError for a folder that is no run, or a run without a finished iteration
 * @throws ConfigError for an iteration that is not there or not finished
 */
export async function chosenIterations(
  runPath: string,
  which: string,
): Promise<[FinishedIteration, ...FinishedIteration[]]> {
  const finished = await finishedIterations(runPath);
  if (which === 'all') return finished;
  const chosen =
    which === 'last' ? finished.at(-1) : finished.find(({ iteration }) => iteration === Number(which));
  if (chosen) return [chosen];
  throw new ConfigError({
    subject: `${runPath}@${which}`,
    expected: `a finished iteration: ${finished.map(({ iteration }) => iteration).join(', ')}`,
    received: which,
    remedy: 'Name one of these.',
  });
}

/** In ascending order, at least one. @throws DataError */
async function finishedIterations(runPath: string): Promise<[FinishedIteration, ...FinishedIteration[]]> {
  const folder = new RunFolder(runPath);
  const names = await namesIn(runPath);
  const iterations = names
    .flatMap((name) => /^iteration-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  const isRun = iterations.length > 0 || names.includes(RUN_FILES.status);
  if (!isRun) {
    throw new DataError({
      subject: runPath,
      expected: 'the folder of a run',
      received: 'neither status.json nor folders iteration-<number> in it',
      remedy:
        'Name the folder that holds the iterations, e.g. results/quickstart/seed-1-0123abcd@2; show all runs with: autodidact status',
    });
  }
  const finished: FinishedIteration[] = [];
  for (const iteration of iterations) {
    const inside = iterationFolder(folder, iteration);
    const manifest = await inside.readJson(ITERATION_FILES.manifest, iterationManifestSchema);
    if (manifest) finished.push({ runPath, iteration, manifest, folder: inside });
  }
  const [first, ...others] = finished;
  if (first) return [first, ...others];
  throw new DataError({
    subject: runPath,
    expected: 'a run with a finished iteration',
    received: iterations.length === 0 ? 'none begun' : `iteration ${iterations.join(', ')} begun`,
    remedy: 'Let the run go on: the command that began it continues where it stopped.',
  });
}
