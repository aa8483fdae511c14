// Scoring files of recorded judgments that are given as rows, for the tests of this folder.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { benchmarkNamed, Scorer, type ScoreOptions } from '../../lib/src/evaluate/index.js';
import { scoreSchema, type Score } from '../../lib/src/schema/index.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

type Rows = readonly unknown[] | string;

/** Scores files of JSON Lines given by name; a string is the text of a file. What is found always survives its schema. */
export function scored(
  files: Record<string, Rows>,
  options: Partial<ScoreOptions> & { benchmark?: ScoreOptions['benchmark'] } = {},
): Promise<{ score: Score; scorer: Scorer }> {
  return inTemporaryFolder(async (folder) => {
    const paths: string[] = [];
    for (const [name, rows] of Object.entries(files)) {
      const path = join(folder, name);
      paths.push(path);
      await writeFile(
        path,
        typeof rows === 'string' ? rows : rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
      );
    }
    const scorer = new Scorer({ benchmark: benchmarkNamed('pairs')!, ...options, files: paths });
    await scorer.readFiles();
    const score = scorer.result();
    assert.deepEqual(scoreSchema.parse(JSON.parse(JSON.stringify(score))), score);
    return { score, scorer };
  });
}

/** File and line of bad rows and differing judgments, without the folder. */
export const placesOf = (places: readonly { file: string; line: number }[]): string[] =>
  places.map(({ file, line }) => `${file.replace(/^.*\//, '')}:${line}`);
