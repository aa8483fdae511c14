// `autodidact report`: a run, or several side by side, as one page, as Markdown or as a picture; and the gallery of all runs.
import { join } from 'node:path';
import type { Command } from 'commander';
import { makeReport, REPORT_PAGE, writeGallery, writeReport } from '../experiment/index.js';
import { benchmarkOption, collect, print, resultsOption } from './shared-options.js';

/** Adds `report` to the program. */
export function addReportCommand(program: Command, signal: AbortSignal): void {
  program
    .command('report')
    .description('write the report of a run, or of several side by side; without a run, the gallery of all')
    .argument('[run...]', 'folders of runs, finished or not')
    .option(
      '-o, --out <file>',
      'a page (.html), Markdown with charts beside it (.md), or the learning curve (.png, .svg); repeatable (default: report.html in the folder of the run; of several runs, comparison.html in --results)',
      collect,
      [],
    )
    .addOption(resultsOption())
    .addOption(benchmarkOption())
    .action(async (runs: string[], options: { out: string[]; results: string; benchmark?: string }) => {
      const { out, results, benchmark } = options;
      if (runs.length === 0) return print((await writeGallery(results)).path);
      const document = await makeReport(runs, { signal, benchmark });
      const [only = ''] = runs;
      const usual = runs.length === 1 ? join(only, REPORT_PAGE) : join(results, 'comparison.html');
      for (const path of out.length > 0 ? out : [usual])
        for (const written of await writeReport(path, document)) print(written);
    });
}
