// A run whose judgments are looked at: its catalogue, read once, and their texts.
import { AutodidactError } from '../core/errors.js';
import { readRunConfig, RUN_FILES, type ExperimentConfig } from '../experiment/index.js';
import type { JudgmentFilter } from '../schema/judgment-filter.js';
import { runManifestSchema } from '../schema/manifest.js';
import { RunFolder } from '../store/index.js';
import { visibleText } from '../core/text.js';
import { judgmentAt, JudgmentReader } from './judgment-texts.js';
import type { JudgmentCatalogue } from './judgment-catalogue.js';
import { facetsOf, rowsOf, type PageBounds } from './judgment-filter.js';
import { UsageEstimates } from './judgment-usage.js';
import { readCatalogue } from './read-catalogue.js';
import { searchedPage } from './search-texts.js';
import { searchedText, type FilteredJudgments, type WholeJudgment } from './view-records.js';

/** A run whose judgments are looked at. */
export class ViewedRun {
  readonly catalogue: JudgmentCatalogue;
  readonly reader: JudgmentReader;
  readonly #usage: UsageEstimates;

  private constructor(
    readonly path: string,
    /** Another one whenever the run has finished something. */
    readonly stamp: string,
    { catalogue, reader, config }: Pick<ViewedRun, 'catalogue' | 'reader'> & { config: ExperimentConfig },
  ) {
    this.catalogue = catalogue;
    this.reader = reader;
    this.#usage = new UsageEstimates({ path, config, catalogue, read: (each) => reader.read(each) });
  }

  /** @throws DataError for a folder that is no run with a finished iteration */
  static async open(path: string, stamp: string): Promise<ViewedRun> {
    const run = new RunFolder(path);
    const config = await readRunConfig(run);
    const manifest = await run.readJson(RUN_FILES.manifest, runManifestSchema);
    const reader = new JudgmentReader(run, { config, manifest });
    return new ViewedRun(path, stamp, { catalogue: await readCatalogue(path), reader, config });
  }

  /** A page of the judgments that pass. @param signal ends a search of texts */
  async judgments(
    { text, ...filter }: JudgmentFilter,
    bounds: PageBounds,
    signal: AbortSignal,
  ): Promise<FilteredJudgments> {
    const rows = rowsOf(this.catalogue, filter);
    const isAmong = text ? (row: number): Promise<boolean> => this.includesText(row, text) : null;
    const { shown, ...found } = await searchedPage(rows, { ...bounds, signal }, isAmong);
    const judgments = shown.map((row) => this.catalogue.at(row));
    return { judgments, ...found, facets: facetsOf(this.catalogue, rows), nAll: this.catalogue.size };
  }

  /** Whether words are in a judgment, its instruction or its responses; letter case does not matter. @throws as {@link judgment} */
  async includesText(row: number, words: string): Promise<boolean> {
    const [catalogued, searched] = [this.catalogue.at(row), words.toLowerCase()];
    // Most words are looked for in judgments, and pairs may take long to read.
    const { text } = judgmentAt(catalogued);
    if (visibleText(text).toLowerCase().includes(searched)) return true;
    return searchedText(await this.reader.read(catalogued)).includes(searched);
  }

  /** One judgment with its texts. @throws RangeError for a row that is not there; DataError for texts that cannot be read */
  async judgment(row: number): Promise<WholeJudgment> {
    const catalogued = this.catalogue.at(row);
    const texts = await this.reader.read(catalogued);
    // What another one of its stage is not readable for is no reason to show nothing of this one.
    const usage = await this.#usage.of(catalogued, texts).catch((thrown: unknown) => {
      if (thrown instanceof AutodidactError) return null;
      throw thrown;
    });
    return { ...catalogued, texts, usage };
  }
}
