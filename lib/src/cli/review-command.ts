// `autodidact review`: asks people about a run in the terminal, or through a sheet, and shows what they say.
import { Option, type Command } from 'commander';
import { userInfo } from 'node:os';
import { extname } from 'node:path';
import { ConfigError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import {
  importAnswers,
  openAnswers,
  readReview,
  readRunAnswers,
  reviewItems,
  type RunReview,
} from '../experiment/index.js';
import { count, counted, reviewLines, reviewTable, toText } from '../report/index.js';
import { labelStudioInterface, toCsv, toLabelStudio } from '../review/index.js';
import { reviewStageSchema, type ReviewItem, type ReviewStage } from '../schema/review.js';
import { askReviewer } from './asked-reviewer.js';
import { notBlank, number, wholeNumber } from './option-values.js';
import { benchmarkOption, jsonOption, print, printResult, shownProse } from './shared-options.js';

const share = number((value) => value > 0 && value < 1, 'a number above 0 and below 1');

interface ReviewCommandOptions {
  stage: ReviewStage;
  iteration?: number;
  benchmark?: string;
  draw: number;
  reviewer?: string;
  export?: string;
  import?: string[];
  summary: boolean;
  need?: number;
  epsilon: number;
  json: boolean;
}

/** Adds `review` to the program. */
export function addReviewCommand(program: Command, signal: AbortSignal): void {
  program
    .command('review')
    .description('ask people about a run, and show what they say')
    .argument('<run>', 'folder of a run')
    .addOption(
      new Option('--stage <name>', 'what they are asked about')
        .choices(reviewStageSchema.options)
        .default('generate'),
    )
    .option('--iteration <number>', 'of the run (default: the last finished one)', wholeNumber(0, 1_000_000))
    .addOption(benchmarkOption())
    .option('--draw <number>', 'how many items people are asked about', wholeNumber(1, 1_000_000), 50)
    .option('--reviewer <name>', 'who answers (default: the name of the user)', notBlank)
    .option(
      '--export <file>',
      'write the items as a sheet (.csv) or as tasks of Label Studio (.json)',
      notBlank,
    )
    .option(
      '--import <file...>',
      'add the answers of sheets that were filled in, or of an export of Label Studio',
    )
    .option('--summary', 'show what was answered so far', false)
    .option('--need <share>', 'approval that is needed, e.g. 0.9', share)
    .option('--epsilon <number>', 'of the alternative annotator test', share, 0.2)
    .addOption(jsonOption())
    .action((run: string, options: ReviewCommandOptions) => reviewCommand(run, options, signal));
}

async function reviewCommand(
  runFolder: string,
  options: ReviewCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const { stage, iteration, benchmark, draw: nItems, need, epsilon, reviewer } = options;
  if (options.import) {
    const { nAnswers, dropped } = await importAnswers(runFolder, options.import, { reviewer });
    const reasons = Object.entries(dropped).map(([reason, n]) => `${reason} ${count(n)}`);
    process.stderr.write(
      `${counted(nAnswers, 'answer')} added${reasons.length > 0 ? `; rows without one: ${reasons.join(', ')}` : ''}\n`,
    );
  } else if (!options.summary) {
    const items = await reviewItems({ runFolder, stage, iteration, benchmark, nItems });
    if (options.export !== undefined) {
      print(await writeSheet(options.export, items));
      return;
    }
    const log = await openAnswers(runFolder);
    try {
      const { answers } = await readRunAnswers(runFolder);
      await askReviewer(items, {
        reviewer: reviewer ?? userInfo().username,
        answers,
        add: (answer) => log.add(answer),
        signal,
      });
    } finally {
      await log.close();
    }
  }
  printResult(await readReview(runFolder, { need, epsilon }), options, describe);
}

/** @returns what was written, in words */
async function writeSheet(path: string, items: readonly ReviewItem[]): Promise<string> {
  const [first, ...others] = items;
  if (!first) return 'There is nothing to ask about: the stage kept no records.';
  switch (extname(path).toLowerCase()) {
    case '.csv':
      await writeFileAtomic(path, toCsv(items));
      return `${counted(items.length, 'item')} in ${path}`;
    case '.json': {
      const view = `${path.slice(0, -'.json'.length)}.xml`;
      await writeFileAtomic(path, toLabelStudio(items));
      await writeFileAtomic(view, labelStudioInterface([first, ...others]));
      return `${counted(items.length, 'task')} in ${path}, their labelling interface in ${view}`;
    }
    default:
      throw new ConfigError({
        subject: '--export',
        expected: 'a file whose name ends with .csv or .json',
        received: path,
        remedy: 'Name the sheet so, e.g. review.csv',
      });
  }
}

function describe({ results, damagedLines }: RunReview): string {
  return [
    toText(reviewTable(results)),
    shownProse(reviewLines(results)),
    ...(damagedLines.length > 0
      ? [
          `${counted(damagedLines.length, 'line')} of the file of answers could not be read: ${damagedLines.join(', ')}`,
        ]
      : []),
  ].join('\n');
}
