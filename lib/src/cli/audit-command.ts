// `autodidact audit`: whether the judge of a run can be trusted, and what the surface of training pairs gives away about their winners.
import { Option, type Command } from 'commander';
import { auditInput, type AuditedInput } from '../experiment/index.js';
import { assessmentLines, checkLines, pairAuditSentences, pairAuditTable, toText } from '../report/index.js';
import type { AssessmentCheck } from '../schema/assessment.js';
import { badRowLines } from './bad-row-lines.js';
import { EndWithCode, EXIT_CODES } from './exit-codes.js';
import { columnMapping } from './option-values.js';
import { jsonOption, printResult, shownProse } from './shared-options.js';

/** From which level on an audit fails. */
const FAILURES = { red: ['red'], amber: ['red', 'amber'] } as const;

interface AuditCommandOptions {
  columns?: Record<string, unknown>;
  failIf?: keyof typeof FAILURES;
  json: boolean;
}

/** Adds `audit` to the program. */
export function addAuditCommand(program: Command, signal: AbortSignal): void {
  program
    .command('audit')
    .description(
      'whether a judge can be trusted, and what gives away the winners of its pairs; asks no model',
    )
    .argument(
      '<input>',
      'folder of a run (its last judge; folder@2: that of iteration 2), or a file of pairs with instruction, winner and loser',
    )
    .option(
      '--columns <mapping>',
      'columns of a file, e.g. instruction=prompt,winner=chosen,loser=rejected, or as JSON',
      columnMapping,
    )
    .addOption(
      new Option(
        '--fail-if <level>',
        'end with exit code 6 where a check that nobody accepted has this level or a worse one',
      ).choices(Object.keys(FAILURES)),
    )
    .addOption(jsonOption())
    .action(async (input: string, { columns, failIf, json }: AuditCommandOptions) => {
      const audited = await auditInput(input, { columns, signal });
      printResult(audited, { json }, describe);
      if (failIf && audited.checks.some((check) => isFailed(check, failIf)))
        throw new EndWithCode(EXIT_CODES.gateClosed);
    });
}

function isFailed({ level, accepted }: AssessmentCheck, failIf: keyof typeof FAILURES): boolean {
  return accepted === undefined && (FAILURES[failIf] as readonly string[]).includes(level);
}

function describe({ pairs, assessment, checks, dropped, badRows }: AuditedInput): string {
  const bad = badRowLines(badRows, dropped);
  return [
    (assessment ? assessmentLines(assessment) : checks.flatMap((check) => checkLines(check))).join('\n'),
    ...(pairs ? [toText(pairAuditTable(pairs)), shownProse(pairAuditSentences(pairs))] : []),
    ...(bad.length > 0 ? [bad.join('\n')] : []),
  ].join('\n\n');
}
