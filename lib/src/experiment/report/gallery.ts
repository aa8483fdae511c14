// Makes the gallery of a results folder from the runs in it.
import { join, relative } from 'node:path';
import { AutodidactError, DataError } from '../../core/errors.js';
import { exists, writeFileAtomic } from '../../core/files.js';
import { galleryHtml, type GalleryCard, type GalleryMatrix } from '../../report/index.js';
import { MATRIX_FILES, readMatrix } from '../matrix/matrix-record.js';
import { STATUS_FILE } from '../watch/status.js';
import { readRun } from './read-run.js';
import { RUN_FILES, runFoldersIn } from '../layout/run-files.js';

/** The gallery's file in a results folder, and the page of a run beside its other files. */
export const GALLERY_FILE = 'index.html';
export const REPORT_PAGE = 'report.html';

/** The links of a card, for files that exist. */
const LINKS: readonly { title: string; file: string }[] = [
  { title: 'report', file: REPORT_PAGE },
  { title: 'report (Markdown)', file: RUN_FILES.report },
  { title: 'metrics', file: RUN_FILES.metrics },
  { title: 'report (Markdown)', file: MATRIX_FILES.markdown },
  { title: 'figures', file: MATRIX_FILES.report },
];

/**
 * Writes the gallery of a results folder: all runs in it with figures, newest first.
 * @param resultsFolder holds experiments, and those hold runs
 * @returns its path and how many runs it shows
 * @throws DataError where the folder cannot be read or holds no run
 */
export async function writeGallery(resultsFolder: string): Promise<{ path: string; nRuns: number }> {
  const cards: GalleryCard[] = [];
  const matrices: GalleryMatrix[] = [];
  const unreadable: { folder: string; reason: string }[] = [];
  for (const folder of await runFoldersIn(resultsFolder)) {
    const place = relative(resultsFolder, folder);
    const isMatrix = await exists(join(folder, MATRIX_FILES.report));
    if (!isMatrix && !(await exists(join(folder, STATUS_FILE)))) continue;
    try {
      if (isMatrix) matrices.push({ report: await readMatrix(folder), links: await linksIn(folder, place) });
      else cards.push(await cardOf(folder, place));
    } catch (thrown) {
      if (!(thrown instanceof AutodidactError)) throw thrown;
      unreadable.push({ folder: place, reason: thrown.received ?? thrown.expected });
    }
  }
  if (cards.length === 0) {
    throw new DataError({
      subject: resultsFolder,
      expected: 'a folder of results: <experiment>/<run>, at least one with figures',
      received: unreadable.length === 0 ? 'no run' : `${unreadable.length} runs without figures`,
      remedy: 'Run an experiment first, or name its folder with --results.',
    });
  }
  const newestFirst = cards.sort((a, b) => (b.finishedAt ?? '').localeCompare(a.finishedAt ?? ''));
  const path = join(resultsFolder, GALLERY_FILE);
  await writeFileAtomic(path, galleryHtml({ cards: newestFirst, matrices, unreadable }));
  return { path, nRuns: cards.length };
}

async function cardOf(folder: string, place: string): Promise<GalleryCard> {
  const { runId, assessment, parts } = await readRun(folder, { withSamples: false });
  return {
    experiment: parts.name,
    name: runId,
    description: parts.description,
    iterations: parts.iterations,
    assessment,
    finishedAt: parts.manifest?.finishedAt ?? null,
    links: await linksIn(folder, place),
  };
}

/** Links to the files of a run or a matrix that exist. @param place the folder, relative to the gallery */
async function linksIn(folder: string, place: string): Promise<GalleryCard['links']> {
  const links: { title: string; href: string }[] = [];
  for (const { title, file } of LINKS) {
    const href = [...place.split(/[\\/]/), file].map(encodeURIComponent).join('/');
    if (await exists(join(folder, file))) links.push({ title, href });
  }
  return links;
}
