// `autodidact select`, `generate`, `judge`, `filter`, `finetune`, `evaluate`: one stage by itself, from a file to a file.
import { Option, type Command } from 'commander';
import {
  evaluateToFile,
  filterToFile,
  fineTuneToFile,
  generateToFile,
  judgeToFile,
  selectToFile,
  type SingleStageOptions,
} from '../experiment/index.js';
import { withDisplay } from './live-text.js';
import { notBlank, wholeNumber } from './option-values.js';
import { ProgressDisplay } from './progress-display.js';
import {
  experimentCommand,
  experimentOf,
  printResult,
  type ExperimentCommandOptions,
  benchmarkOption,
} from './shared-options.js';
import { inputFile } from './standard-input.js';
import { evaluationLines, fineTuneLines, stageLines } from './stage-summary.js';

/** Options of every stage. */
type StageCommandOptions = ExperimentCommandOptions & { out: string; iteration: number };

/** A stage as a command. */
interface StageCommand<Options, Result> {
  description: string;
  options?: readonly Option[];
  work: (shared: SingleStageOptions, options: Options) => Promise<Result>;
  /** The summary of a result. */
  describe: (result: Result) => string[];
}

/** Adds the stages to the program. */
export function addStageCommands(program: Command, signal: AbortSignal): void {
  const add = <Options, Result>(
    name: string,
    { description, options: own = [], work, describe }: StageCommand<Options, Result>,
  ): void => {
    const command = stageCommand(program, name, description);
    for (const option of own) command.addOption(option);
    command.action(async (configPath: string, options: StageCommandOptions & Options) => {
      const { out: outFile, iteration } = options;
      const shared = {
        ...experimentOf(configPath, options),
        outFile,
        iteration,
        environment: process.env,
        signal,
      };
      const display = new ProgressDisplay(process.stderr);
      const result = await withDisplay(display, signal, (onEvent: SingleStageOptions['onEvent']) =>
        // The summary reports the end of the stage.
        work({ ...shared, onEvent: (event) => event.kind === 'stage-finished' || onEvent(event) }, options),
      );
      printResult(result, options, (each) => describe(each).join('\n'));
    });
  };
  /** The file of `--in`. */
  const reading = async (shared: SingleStageOptions, { in: name }: WithInput) => ({
    ...shared,
    inFile: await inputFile(name, { out: shared.outFile, signal }),
  });

  add('select', {
    description: 'write the instructions that an iteration takes',
    work: selectToFile,
    describe: stageLines,
  });
  add('generate', {
    description: 'write pairs of a winner and a loser for the instructions of a file',
    options: [inOption('instructions')],
    work: async (shared, options: WithInput) => generateToFile(await reading(shared, options)),
    describe: stageLines,
  });
  add('judge', {
    description: 'judge the pairs of a file',
    options: [inOption('pairs'), modelOption()],
    work: async (shared, options: WithInput & WithModel) =>
      judgeToFile({ ...(await reading(shared, options)), model: options.model }),
    describe: stageLines,
  });
  add('filter', {
    description: 'draw training examples from the judgments of a file',
    options: [
      inOption('judged pairs'),
      new Option('--pairs <file>', 'the pairs that were judged').argParser(notBlank).makeOptionMandatory(),
      new Option('--preferences', 'draw pairs of a correct and a wrong judgment').default(false),
    ],
    work: async (shared, options: WithInput & { pairs: string; preferences: boolean }) =>
      filterToFile({
        ...(await reading(shared, options)),
        pairsFile: options.pairs,
        preferences: options.preferences,
      }),
    describe: stageLines,
  });
  add('finetune', {
    description: 'train a judge on the examples of a file',
    options: [
      inOption('training examples, or preference examples'),
      new Option('--base <model>', 'the model to start from (default: the seed model)').argParser(notBlank),
      new Option('--validation <file>', 'examples that are never trained on').argParser(notBlank),
      new Option('--method <name>', 'training method (default: detected from the examples)').choices([
        'supervised',
        'dpo',
      ]),
    ],
    work: async (
      shared,
      options: WithInput & { base?: string; validation?: string; method?: 'supervised' | 'dpo' },
    ) =>
      fineTuneToFile({
        ...(await reading(shared, options)),
        baseModel: options.base,
        validationFile: options.validation,
        method: options.method,
      }),
    describe: fineTuneLines,
  });
  add('evaluate', {
    description: "measure a judge on the experiment's benchmark",
    options: [modelOption(), benchmarkOption()],
    work: (shared, { model, benchmark }: WithModel & { benchmark?: string }) =>
      evaluateToFile({ ...shared, model, benchmark }),
    describe: evaluationLines,
  });
}

/** Options of stages that read a file. */
interface WithInput {
  in: string;
}
/** Options of stages with a judge. */
interface WithModel {
  model?: string;
}

/** A command with {@link StageCommandOptions}. */
function stageCommand(program: Command, stage: string, description: string): Command {
  return experimentCommand(program, stage, description)
    .requiredOption(
      '--out <file>',
      'file of what is kept; <file>.drops.jsonl and <file>.stage.json are written beside it',
      notBlank,
    )
    .option(
      '--iteration <number>',
      'iteration that it stands for, which seeds selection, filter and fine-tuning',
      wholeNumber(1, 100),
      1,
    );
}

const inOption = (what: string): Option =>
  new Option('--in <file>', `file of ${what}, JSON Lines; - is standard input`)
    .argParser(notBlank)
    .makeOptionMandatory();

const modelOption = (): Option =>
  new Option('--model <name>', 'the judge (default: the seed model)').argParser(notBlank);
