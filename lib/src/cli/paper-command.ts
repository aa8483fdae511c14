// `autodidact paper`: the published figures of the paper beside those of a folder of results, as one page.
import { join } from 'node:path';
import type { Command } from 'commander';
import { makePaperPage, writeReport } from '../experiment/index.js';
import { count, paperDocument } from '../report/index.js';
import { collect, completionsOption, jsonOption, printResult, resultsOption } from './shared-options.js';

interface PaperCommandOptions {
  results: string;
  completions: string;
  run?: string[];
  recorded: string[];
  plan: boolean;
  out: string[];
  json: boolean;
}

/** Adds `paper` to the program. */
export function addPaperCommand(program: Command, signal: AbortSignal): void {
  program
    .command('paper')
    .description(
      'write the published figures of the paper beside yours, and what measures the rest, as one page',
    )
    .addOption(resultsOption())
    .addOption(completionsOption())
    .option(
      '--run <folder...>',
      'only these runs (default: all in --results; of several the one that finished last)',
    )
    .option(
      '--recorded <[system=]file>',
      'a recorded result: what `autodidact score --json` printed, or accuracies by subset of RewardBench; repeatable',
      collect,
      [],
    )
    .option('--no-plan', 'without the price of what is not finished')
    .option(
      '-o, --out <file>',
      'a page (.html) or Markdown (.md); repeatable (default: paper.html in --results)',
      collect,
      [],
    )
    .addOption(jsonOption())
    .action((options: PaperCommandOptions) => paperCommand(options, signal));
}

async function paperCommand(options: PaperCommandOptions, signal: AbortSignal): Promise<void> {
  const { results, completions, run, recorded, plan, out } = options;
  const page = await makePaperPage({
    resultsFolder: results,
    completionsFolder: completions,
    ...(run && { runs: run }),
    recorded,
    withPrices: plan,
    signal,
  });
  const document = paperDocument(page);
  const written: string[] = [];
  for (const path of out.length > 0 ? out : options.json ? [] : [join(results, 'paper.html')])
    written.push(...(await writeReport(path, document)));
  const cells = page.tables.flatMap((table) => table.cells);
  const nFilled = cells.filter(({ ours }) => ours.length > 0).length;
  printResult(page, options, () =>
    [`${count(cells.length)} published figures, ${count(nFilled)} with one of yours`, ...written].join('\n'),
  );
}
