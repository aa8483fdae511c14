// `autodidact review`: asks people about a run in the terminal, or through a sheet, and shows what they say.
import { Option, type Command } from 'commander';
import { userInfo } from 'node:os';
import { ConfigError } from '../core/errors.js';
import { readTextIfPresent, writeFileAtomic } from '../core/files.js';
import {
  importAnswers,
  nothingDrawn,
  openAnswers,
  readReview,
  readRunAnswers,
  reviewItems,
  type RunReview,
} from '../experiment/index.js';
import { counted, lostAnswerLines, reviewLines, reviewTable, toText } from '../report/index.js';
import { argillaSettings, labelStudioInterface, toArgilla, toCsv, toLabelStudio } from '../review/index.js';
import { reviewStageSchema, type ReviewItem, type ReviewStage } from '../schema/review.js';
import { askReviewer } from './asked-reviewer.js';
import { badRowLines } from './bad-row-lines.js';
import { notBlank, number, wholeNumber } from './option-values.js';
import { benchmarkOption, jsonOption, print, printResult, shownProse } from './shared-options.js';

const share = number((value) => value > 0 && value < 1, 'a number above 0 and below 1');

interface ReviewCommandOptions {
  stage: ReviewStage;
  iteration?: number;
  benchmark?: string;
  draw?: number;
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
    .addOption(
      new Option(
        '--draw <number>',
        'how many items people are asked about (default: those that were drawn, at least review.items, or 50)',
      )
        .argParser(wholeNumber(1, 1_000_000))
        .conflicts(['import', 'summary']),
    )
    .option('--reviewer <name>', 'who answers (default: the name of the user)', notBlank)
    .addOption(
      new Option(
        '--export <file>',
        'write the items as a sheet (.csv), as records of Argilla (.argilla.json) or as tasks of Label Studio (.json)',
      )
        .argParser(notBlank)
        .conflicts(['import', 'summary']),
    )
    .option(
      '--import <file...>',
      'add the answers of sheets that were filled in, or of an export of Argilla or Label Studio',
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
  const { stage, iteration, benchmark, draw: nItems, need, epsilon } = options;
  const reviewer = options.reviewer?.trim();
  if (options.import) {
    const { nAnswers, nKnown, badRows, dropped } = await importAnswers(runFolder, options.import, {
      reviewer,
    });
    const known = nKnown === 0 ? '' : `; ${counted(nKnown, 'answer')} there already`;
    const lines = [`${counted(nAnswers, 'answer')} added${known}`, ...badRowLines(badRows, dropped)];
    process.stderr.write(`${lines.join('\n')}\n`);
  } else if (!options.summary) {
    const items = await reviewItems({ runFolder, stage, iteration, benchmark, nItems });
    if (options.export !== undefined) {
      print(await writeSheet(options.export, items));
      return;
    }
    const asked = reviewer ?? userName();
    const log = await openAnswers(runFolder);
    try {
      const { answers } = await readRunAnswers(runFolder);
      await askReviewer(items, {
        reviewer: asked,
        answers,
        add: (answer) => log.add(answer),
        signal,
      });
    } finally {
      await log.close();
    }
  }
  const found = await readReview(runFolder, {
    need: need === undefined ? undefined : { share: need },
    epsilon,
  });
  if (found.results.length === 0) throw nothingDrawn(runFolder);
  printResult(found, options, describe);
}

/** @throws ConfigError where the system has no name for this user, as in some containers */
function userName(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    throw new ConfigError({
      subject: '--reviewer',
      expected: 'who answers',
      received: 'none, and the system has no name for this user',
      remedy: 'Name the reviewer, e.g. --reviewer ann',
      cause,
    });
  }
}

/** @returns what was written, in words @throws ConfigError for a file that is there and has another content: it may be filled in */
async function writeSheet(path: string, items: readonly ReviewItem[]): Promise<string> {
  const [first, ...others] = items;
  if (!first) return 'There is nothing to ask about: the stage kept no records.';
  const write = async (kind: string, files: Readonly<Record<string, string>>): Promise<string> => {
    for (const [file, content] of Object.entries(files)) {
      const there = await readTextIfPresent(file);
      if (there !== null && there !== content) throw mayBeFilledIn(file);
    }
    for (const [file, content] of Object.entries(files)) await writeFileAtomic(file, content);
    return `${counted(items.length, kind)} in ${Object.keys(files).join(', and what shows them in ')}`;
  };
  const stem = path.replace(/\.(argilla\.)?json$/i, '');
  if (/\.argilla\.json$/i.test(path)) {
    const settings = argillaSettings([first, ...others]);
    return write('record', { [path]: toArgilla(items), [`${stem}.argilla-settings.json`]: settings });
  }
  if (/\.json$/i.test(path)) {
    const view = labelStudioInterface([first, ...others]);
    return write('task', { [path]: toLabelStudio(items), [`${stem}.xml`]: view });
  }
  if (/\.csv$/i.test(path)) return write('item', { [path]: toCsv(items) });
  throw new ConfigError({
    subject: '--export',
    expected: 'a file whose name ends with .csv, .argilla.json or .json',
    received: path,
    remedy: 'Name the sheet so, e.g. review.csv',
  });
}

function mayBeFilledIn(file: string): ConfigError {
  return new ConfigError({
    subject: `--export ${file}`,
    expected: 'a file that is not there yet, since people may have filled it in',
    received: 'one with another content',
    remedy: 'Name another file, or remove that one.',
  });
}

function describe({ results, ...review }: RunReview): string {
  return [
    toText(reviewTable(results)),
    shownProse([...reviewLines(results), ...lostAnswerLines(review)]),
  ].join('\n');
}
