// A run whose judgments are looked at: its catalogue, read once, and their texts.
import { visibleText } from '../core/text.js';
import { readRunConfig, RUN_FILES } from '../experiment/index.js';
import type { JudgmentFilter } from '../schema/judgment-filter.js';
import { runManifestSchema } from '../schema/manifest.js';
import { RunFolder } from '../store/index.js';
import { JudgmentReader } from './judgment-texts.js';
import type { JudgmentCatalogue } from './judgment-catalogue.js';
import { facetsOf, pageOf, rowsOf, type PageBounds } from './judgment-filter.js';
import { readCatalogue } from './read-catalogue.js';
import type { FilteredJudgments, JudgmentTexts, WholeJudgment } from './view-records.js';

/** Texts that are searched before others have a turn. */
const TEXTS_A_TURN = 200;

/** A run whose judgments are looked at. */
export class ViewedRun {
  readonly #catalogue: JudgmentCatalogue;
  readonly #reader: JudgmentReader;

  private constructor(catalogue: JudgmentCatalogue, reader: JudgmentReader) {
    this.#catalogue = catalogue;
    this.#reader = reader;
  }

  /** @throws DataError for a folder that is no run with a finished iteration */
  static async open(path: string, signal?: AbortSignal): Promise<ViewedRun> {
    const run = new RunFolder(path);
    const config = await readRunConfig(run);
    const manifest = await run.readJson(RUN_FILES.manifest, runManifestSchema);
    return new ViewedRun(await readCatalogue(path, signal), new JudgmentReader(run, { config, manifest }));
  }

  /** A page of the judgments that pass. @param signal ends a search of texts */
  async judgments(
    { text, ...filter }: JudgmentFilter,
    bounds: PageBounds,
    signal: AbortSignal,
  ): Promise<FilteredJudgments> {
    const rows = rowsOf(this.#catalogue, filter);
    const about = { facets: facetsOf(this.#catalogue, rows), nAll: this.#catalogue.size };
    if (text === undefined || text === '') return { ...pageOf(this.#catalogue, rows, bounds), ...about };
    const most = bounds.offset + bounds.limit + 1;
    const found: number[] = [];
    const wanted = text.toLowerCase();
    for (const [i, row] of rows.entries()) {
      if (i % TEXTS_A_TURN === 0) {
        signal.throwIfAborted();
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (textOf(await this.#reader.read(this.#catalogue.at(row))).includes(wanted)) found.push(row);
      if (found.length === most)
        return { ...pageOf(this.#catalogue, found, bounds), isWhole: false, ...about };
    }
    return { ...pageOf(this.#catalogue, found, bounds), ...about };
  }

  /** One judgment with its texts. @throws RangeError for a row that is not there; DataError for texts that cannot be read */
  async judgment(row: number): Promise<WholeJudgment> {
    const catalogued = this.#catalogue.at(row);
    return { ...catalogued, texts: await this.#reader.read(catalogued) };
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

function textOf({ judgment, thinking, instruction, responses }: JudgmentTexts): string {
  return visibleText(
    [thinking, judgment, instruction, responses?.A, responses?.B].filter((part) => part != null).join('\n'),
  ).toLowerCase();
}
