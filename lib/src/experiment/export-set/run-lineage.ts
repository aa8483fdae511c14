// Where a training set comes from: the iteration of a run that made it, for the card of its export.
import { namesIn } from '../../core/files.js';
import { DataError } from '../../core/errors.js';
import { fileHash } from '../../core/hash.js';
import type { DatasetCard } from '../../exports/index.js';
import type { FilterSettings, PreferenceSettings } from '../../filter/index.js';
import { judgedPairSchema } from '../../schema/judgment.js';
import { iterationManifestSchema, runManifestSchema, stageRecordSchema } from '../../schema/manifest.js';
import { RunFolder } from '../../store/index.js';
import { experimentConfigSchema } from '../config/config.js';
import { plantedInWords } from '../config/planted.js';
import { ITERATION_FILES, iterationFolder, RUN_FILES, filesBeside } from '../layout/run-files.js';

/** What a run knows of a set that one of its iterations made. */
export type Lineage = Pick<
  DatasetCard,
  'description' | 'models' | 'samplesPerOrder' | 'orders' | 'input' | 'dropped' | 'filter' | 'seed' | 'hashes'
>;

/**
 * The lineage of a file that is, byte for byte, a training set of one of the run's iterations.
 * @throws DataError when no iteration made it, or its folder is not whole; the signal's reason when it aborts
 */
export async function lineageOfSet(
  runPath: string,
  { inFile, signal }: { inFile: string; signal: AbortSignal },
): Promise<Lineage> {
  const folder = new RunFolder(runPath);
  const config = await folder.readJson(RUN_FILES.config, experimentConfigSchema);
  if (config === null) throw noRun(runPath);
  const made = await whereItWasMade(await fileHash(inFile), folder);
  if (made === null) throw otherSet(inFile, runPath);
  const { iteration, fileName } = made;
  const inside = iterationFolder(folder, iteration);
  const stage = fileName === ITERATION_FILES.preferences ? 'prefer' : 'filter';
  const filtered = await inside.readJson(filesBeside(stage).record, stageRecordSchema);
  const earlier = iterationFolder(folder, iteration - 1);
  const before = await earlier.readJson(ITERATION_FILES.manifest, iterationManifestSchema);
  const manifest = await folder.readJson(RUN_FILES.manifest, runManifestSchema);
  const planted = plantedInWords(config);
  const { instructionsHash } = manifest?.inputs ?? { instructionsHash: null };
  return {
    description: [
      config.description || `Iteration ${iteration} of the experiment ${config.name}.`,
      ...(planted === null ? [] : [`Shortcuts were planted on purpose: ${planted}.`]),
    ].join('\n\n'),
    models: {
      'seed model': config.model,
      responses: config.generate.model ?? config.model,
      judge: before?.resultModel ?? config.model,
    },
    samplesPerOrder: config.judge.samples,
    orders: config.judge.orders,
    input: await countJudgments(inside, signal),
    dropped: filtered?.drops ?? {},
    filter: settingsOf(stage === 'prefer' ? config.finetune.dpo?.preferences : config.filter),
    seed: config.seed,
    hashes: {
      ...(manifest ? { configuration: manifest.configHash } : {}),
      ...(instructionsHash === null ? {} : { instructions: instructionsHash }),
    },
  };
}

/**
 * The file whose instructions a run splits for a training set of one of its iterations: its supervised examples, since both trainings
 * hold the same instructions back.
 * @throws DataError when no iteration made the set
 */
export async function splitFileOf(runPath: string, inFile: string): Promise<string> {
  const run = new RunFolder(runPath);
  const made = await whereItWasMade(await fileHash(inFile), run);
  if (made === null) throw otherSet(inFile, runPath);
  return iterationFolder(run, made.iteration).file(ITERATION_FILES.examples);
}

/** The iteration of a run that has a file of that content, and what it is called there. */
async function whereItWasMade(
  hash: string,
  folder: RunFolder,
): Promise<{ iteration: number; fileName: string } | null> {
  for (const name of await namesIn(folder.path)) {
    const number = /^iteration-(\d+)$/.exec(name)?.[1];
    if (number === undefined) continue;
    const inside = folder.inside(name);
    for (const fileName of await namesIn(inside.path)) {
      const isOfExamples = fileName.endsWith('examples.jsonl');
      if (isOfExamples && (await fileHash(inside.file(fileName))) === hash)
        return { iteration: Number(number), fileName };
    }
  }
  return null;
}

async function countJudgments(
  folder: RunFolder,
  signal: AbortSignal,
): Promise<NonNullable<DatasetCard['input']>> {
  const counts = { nPairs: 0, nJudgments: 0, nUnscored: 0 };
  for await (const { judgments } of folder.records(ITERATION_FILES.judgments, judgedPairSchema)) {
    signal.throwIfAborted();
    counts.nPairs++;
    counts.nJudgments += judgments.length;
    counts.nUnscored += judgments.filter(({ verdict }) => verdict.kind === 'unparsed').length;
  }
  return counts;
}

function settingsOf(section: FilterSettings | PreferenceSettings | undefined): DatasetCard['filter'] {
  const settings = Object.entries<string | boolean | number | undefined>(section ?? {});
  return Object.fromEntries(settings.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

function noRun(runPath: string): DataError {
  return new DataError({
    subject: runPath,
    expected: 'the folder of a run',
    received: `no ${RUN_FILES.config} in it`,
    remedy: 'Show all runs with: autodidact status',
  });
}

function otherSet(inFile: string, runPath: string): DataError {
  return new DataError({
    subject: inFile,
    expected: `a training set that an iteration of ${runPath} made`,
    received: 'another one',
    remedy: 'Name the run that made it, or leave the run out: the card then describes only the set itself.',
  });
}
