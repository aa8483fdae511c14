// `autodidact audit`: what the surface of training pairs gives away about their winners.
import type { Command } from 'commander';
import { auditPairFile } from '../experiment/index.js';
import { pairAuditSentences, pairAuditTable, toText } from '../report/index.js';
import { jsonOption, printResult, shownProse } from './shared-options.js';

/** Adds `audit` to the program. */
export function addAuditCommand(program: Command, signal: AbortSignal): void {
  program
    .command('audit')
    .description('how well length, format and words foretell the winners of pairs; asks no model')
    .argument(
      '<input>',
      'folder of a run (its last iteration; folder@2: the second), or a file of pairs with instruction, winner and loser',
    )
    .addOption(jsonOption())
    .action(async (input: string, options: { json: boolean }) => {
      const audit = await auditPairFile(input, signal);
      printResult(
        audit,
        options,
        () => `${toText(pairAuditTable(audit))}\n\n${shownProse(pairAuditSentences(audit))}`,
      );
    });
}
