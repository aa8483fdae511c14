// A run whose judgments are looked at: its catalogue, read once, and their texts.
import { AutodidactError } from '../core/errors.js';
import { readRunConfig, RUN_FILES, type ExperimentConfig } from '../experiment/index.js';
import type { JudgmentFilter } from '../schema/judgment-filter.js';
import { runManifestSchema } from '../schema/manifest.js';
import { RunFolder } from '../store/index.js';
import { JudgmentReader } from './judgment-texts.js';
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
    { catalogue, reader, config }: Pick<ViewedRun, 'catalogue' | 'reader'> & { config: ExperimentConfig },
  ) {
    this.catalogue = catalogue;
    this.reader = reader;
    this.#usage = new UsageEstimates({ path, config, catalogue, read: (each) => reader.read(each) });
  }

  /** @throws DataError for a folder that is no run with a finished iteration */
  static async open(path: string, signal?: AbortSignal): Promise<ViewedRun> {
    const run = new RunFolder(path);
    const config = await readRunConfig(run);
    const manifest = await run.readJson(RUN_FILES.manifest, runManifestSchema);
    const reader = new JudgmentReader(run, { config, manifest });
    return new ViewedRun(path, { catalogue: await readCatalogue(path, signal), reader, config });
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
    return searchedText(await this.reader.read(this.catalogue.at(row))).includes(words.toLowerCase());
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
