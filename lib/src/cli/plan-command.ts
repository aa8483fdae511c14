// `autodidact plan`: what a run would ask of its models and what that costs, before anything is sent.
import type { Command } from 'commander';
import { loadMatrix } from '../experiment/index.js';
import { planExperiment } from '../experiment/plan/plan-experiment.js';
import { assumptionLines, capLines, planTable } from '../report/plan-table.js';
import { toText } from '../report/index.js';
import type { Plan } from '../schema/plan.js';
import { matrixCommand } from './matrix-command.js';
import { completionsOption, jsonOption, resultsOption, setOption } from './shared-options.js';

interface PlanCommandOptions {
  set: string[];
  results: string;
  completions: string;
  json: boolean;
}

/** Adds `plan` to the program. */
export function addPlanCommand(program: Command, signal: AbortSignal): void {
  program
    .command('plan')
    .description('tell calls, tokens, cost and time of a run before anything is sent')
    .argument('<config>', 'experiment file, e.g. experiments/quickstart.yaml')
    .addOption(setOption())
    .addOption(resultsOption())
    .addOption(completionsOption())
    .addOption(jsonOption())
    .action((config: string, options: PlanCommandOptions) => planCommand(config, options, signal));
}

async function planCommand(
  configPath: string,
  options: PlanCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  // Of many runs the sum is what matters.
  if (await loadMatrix({ configPath }, options.set)) return matrixCommand(configPath, options, signal);
  const plan = await planExperiment({
    configPath,
    overrides: options.set,
    resultsFolder: options.results,
    completionsFolder: options.completions,
    signal,
  });
  process.stdout.write(`${options.json ? JSON.stringify(plan) : describe(plan)}\n`);
}

function describe(plan: Plan): string {
  const nDone = plan.stages.filter(({ state }) => state === 'done').length;
  const head =
    nDone === 0
      ? `${plan.experiment}: nothing was sent; the run would be kept in ${plan.folder}`
      : `${plan.experiment}: nothing was sent; ${nDone} of ${plan.stages.length} stages are done in ${plan.folder}`;
  const epochs = `finetune: at most so many examples, ${plan.epochs} ${plan.epochs === 1 ? 'epoch' : 'epochs'}, not priced`;
  return [
    head,
    `${toText(planTable(plan))}\n${epochs}`,
    ...(plan.caps.length > 0 ? [capLines(plan).join('\n')] : []),
    `assumed:\n${assumptionLines(plan)
      .map((line) => `  ${line}`)
      .join('\n')}`,
  ].join('\n\n');
}
