// `autodidact select`, `generate`, `judge`, `filter`, `finetune`, `evaluate`: one stage by itself, from a file to a file.
import { Option, type Command } from 'commander';
import {
  evaluateToFile,
  filterToFile,
  fineTuneToFile,
  generateToFile,
  judgeToFile,
  selectToFile,
  type RunEvent,
  type SingleStageOptions,
} from '../experiment/index.js';
import { notBlank, wholeNumber } from './option-values.js';
import { completionsOption, jsonOption, resultsOption, setOption } from './shared-options.js';
import { inputFile } from './standard-input.js';
import { evaluationLines, fineTuneLines, stageLines } from './stage-summary.js';
import { withProgress } from './with-progress.js';

/** What all of them have. */
interface StageCommandOptions {
  out: string;
  iteration: number;
  set: string[];
  results: string;
  completions: string;
  json: boolean;
}

/** Those that read a file. */
type WithInput = StageCommandOptions & { in: string };
/** Those that ask a judge. */
type WithModel = StageCommandOptions & { model?: string };

/** Adds the stages to the program. */
export function addStageCommands(program: Command, signal: AbortSignal): void {
  /** Runs a stage, and prints what it came to. */
  const run = async <Result>(
    { configPath, options }: { configPath: string; options: StageCommandOptions },
    stage: (shared: SingleStageOptions) => Promise<Result>,
    describe: (result: Result) => string[],
  ): Promise<void> => {
    const result = await withProgress(signal, (onEvent) =>
      stage({
        configPath,
        overrides: options.set,
        resultsFolder: options.results,
        completionsFolder: options.completions,
        outFile: options.out,
        iteration: options.iteration,
        environment: process.env,
        onEvent: (event) => {
          if (!isTheEnd(event)) onEvent(event);
        },
        signal,
      }),
    );
    const text = options.json ? JSON.stringify(result) : describe(result).join('\n');
    process.stdout.write(`${text}\n`);
  };
  /** A stage that reads the file of `--in`. */
  const reading =
    <Result>(
      { in: name }: WithInput,
      stage: (shared: SingleStageOptions & { inFile: string }) => Promise<Result>,
    ) =>
    async (shared: SingleStageOptions): Promise<Result> =>
      stage({ ...shared, inFile: await inputFile(name, { out: shared.outFile, signal }) });
  stageCommand(program, 'select', 'write the instructions that an iteration takes').action(
    (configPath: string, options: StageCommandOptions) =>
      run({ configPath, options }, selectToFile, stageLines),
  );
  stageCommand(program, 'generate', 'write pairs of a winner and a loser for the instructions of a file')
    .addOption(inOption('instructions'))
    .action((configPath: string, options: WithInput) =>
      run({ configPath, options }, reading(options, generateToFile), stageLines),
    );
  stageCommand(program, 'judge', 'judge the pairs of a file')
    .addOption(inOption('pairs'))
    .addOption(modelOption())
    .action((configPath: string, options: WithInput & WithModel) =>
      run(
        { configPath, options },
        reading(options, (shared) => judgeToFile({ ...shared, model: options.model })),
        stageLines,
      ),
    );
  stageCommand(program, 'filter', 'draw training examples from the judgments of a file')
    .addOption(inOption('judged pairs'))
    .requiredOption('--pairs <file>', 'the pairs that were judged', notBlank)
    .option('--preferences', 'draw pairs of a right and a wrong judgment', false)
    .action((configPath: string, options: WithInput & { pairs: string; preferences: boolean }) =>
      run(
        { configPath, options },
        reading(options, (shared) =>
          filterToFile({ ...shared, pairsFile: options.pairs, preferences: options.preferences }),
        ),
        stageLines,
      ),
    );
  stageCommand(program, 'finetune', 'train a judge on the examples of a file')
    .addOption(inOption('training examples, or preference examples'))
    .option('--base <model>', 'the model to start from (default: the seed model)', notBlank)
    .option('--validation <file>', 'examples that are never trained on', notBlank)
    .addOption(
      new Option('--method <name>', 'how to train (default: told by the examples)').choices([
        'supervised',
        'dpo',
      ]),
    )
    .action(
      (
        configPath: string,
        options: WithInput & { base?: string; validation?: string; method?: 'supervised' | 'dpo' },
      ) =>
        run(
          { configPath, options },
          reading(options, (shared) =>
            fineTuneToFile({
              ...shared,
              baseModel: options.base,
              validationFile: options.validation,
              method: options.method,
            }),
          ),
          fineTuneLines,
        ),
    );
  stageCommand(program, 'evaluate', "measure a judge on the experiment's benchmark")
    .addOption(modelOption())
    .action((configPath: string, options: WithModel) =>
      run(
        { configPath, options },
        (shared) => evaluateToFile({ ...shared, model: options.model }),
        evaluationLines,
      ),
    );
}

/** A stage with the options that all stages have. */
function stageCommand(program: Command, stage: string, description: string): Command {
  return program
    .command(stage)
    .description(description)
    .argument('<config>', 'experiment file with the settings, e.g. experiments/quickstart.yaml')
    .requiredOption(
      '--out <file>',
      'file of what is kept; <file>.drops.jsonl and <file>.stage.json go beside it',
      notBlank,
    )
    .option(
      '--iteration <number>',
      'iteration that it stands for: selection, filter and fine-tuning draw by it',
      wholeNumber(1, 100),
      1,
    )
    .addOption(setOption())
    .addOption(resultsOption())
    .addOption(completionsOption())
    .addOption(jsonOption());
}

const inOption = (what: string): Option =>
  new Option('--in <file>', `file of ${what}, JSON Lines; - is standard input`)
    .argParser(notBlank)
    .makeOptionMandatory();

const modelOption = (): Option =>
  new Option('--model <name>', 'the judge (default: the seed model)').argParser(notBlank);

/** Whether an event says that the stage is done, which the summary says too. */
function isTheEnd({ kind }: RunEvent): boolean {
  return kind === 'stage-finished';
}
