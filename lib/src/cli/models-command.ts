// `autodidact models`: the models that runs trained, and where each comes from.
import type { Command } from 'commander';
import { printable } from '../core/text.js';
import { readModelLists } from '../experiment/index.js';
import { modelTable } from '../report/run-tables.js';
import { toText } from '../report/index.js';
import { jsonOption, printResult, RESULTS_FOLDER } from './shared-options.js';

/** Adds `models` to the program. */
export function addModelsCommand(program: Command): void {
  program
    .command('models')
    .description('show the models that runs trained, and where each comes from')
    .argument('[folder]', 'folder of a run, or one with runs below it', RESULTS_FOLDER)
    .addOption(jsonOption())
    .action(async (folder: string, options: { json: boolean }) =>
      printResult(await readModelLists(folder), options, (lists) =>
        lists
          .map(({ folder: run, models }) => `${printable(run)}\n${toText(modelTable(models))}`)
          .join('\n\n'),
      ),
    );
}
