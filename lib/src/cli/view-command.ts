// `autodidact view`: looks at runs and their judgments in a browser, until it is stopped.
import type { Command } from 'commander';
import { once } from 'node:events';
import { wholeNumber } from './option-values.js';
import { printResult, resultsOption } from './shared-options.js';

interface ViewCommandOptions {
  results: string;
  port: number;
  json: boolean;
}

/** Adds `view` to the program. */
export function addViewCommand(program: Command, signal: AbortSignal): void {
  program
    .command('view')
    .description('look at runs and their judgments in a browser')
    .addOption(resultsOption())
    .option('--port <number>', 'port of this machine; 0 for a free one', wholeNumber(0, 65_535), 0)
    .option('--json', 'print the address as JSON', false)
    .action(async ({ results, port, ...options }: ViewCommandOptions) => {
      // Loaded for this command only, so that the others start faster.
      const { startView } = await import('../view/index.js');
      const view = await startView({ resultsFolder: results, port, signal });
      printResult(
        { address: view.address },
        options,
        ({ address }) =>
          `${results} at ${address}\n\n${view.isThere ? '' : `There is no folder ${results} yet; runs are listed once they start there. `}Who has this address can read the runs. stop: Ctrl-C`,
      );
      if (!signal.aborted) await once(signal, 'abort');
      await view.close();
    });
}
