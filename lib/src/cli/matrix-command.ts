// `autodidact matrix`: the arms of an experiment by seeds, what of them is finished, and what the rest would cost.
import type { Command } from 'commander';
import { listMatrix } from '../experiment/index.js';
import { armTable, matrixListingTable, toText } from '../report/index.js';
import type { MatrixListing } from '../schema/matrix-listing.js';
import { completionsOption, jsonOption, resultsOption, setOption } from './shared-options.js';

/** Options of the command. */
export interface MatrixCommandOptions {
  set: string[];
  results: string;
  completions: string;
  json: boolean;
}

/** Adds `matrix` to the program. */
export function addMatrixCommand(program: Command, signal: AbortSignal): void {
  program
    .command('matrix')
    .description('list the arms of an experiment, what is finished and what the rest would cost')
    .argument('<config>', 'experiment file with a matrix, e.g. experiments/judgments-n.yaml')
    .addOption(setOption())
    .addOption(resultsOption())
    .addOption(completionsOption())
    .addOption(jsonOption())
    .action((config: string, options: MatrixCommandOptions) => matrixCommand(config, options, signal));
}

/** Lists a matrix on standard output. @throws ConfigError, DataError; the signal's reason when aborted */
export async function matrixCommand(
  configPath: string,
  { set, results, completions, json }: MatrixCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const listing = await listMatrix({
    configPath,
    overrides: set,
    resultsFolder: results,
    completionsFolder: completions,
    signal,
  });
  process.stdout.write(`${json ? JSON.stringify(listing) : describe(listing)}\n`);
}

function describe(listing: MatrixListing): string {
  const { experiment, arms, seeds, runs, folder } = listing;
  const nFinished = runs.filter(({ state }) => state === 'finished').length;
  return [
    `${experiment}: nothing was sent; ${arms.length} arms by loop seeds ${seeds.join(', ')}, ${nFinished} of ${runs.length} runs finished; the report would be kept in ${folder}`,
    toText(armTable(listing)),
    toText(matrixListingTable(listing)),
    'What several runs ask for is counted in the first of them. Amounts are bounds from above: judges that are not trained yet may ask for the same, too. Training is not priced. Caps of the budget hold for each run; how a run comes about is told by: autodidact plan <config> --set matrix=',
  ].join('\n\n');
}
