// Checks that send nothing: inputs, prompts, cost and time, disk, and where a trained judge will be asked.
import { stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { exists } from '../../core/files.js';
import { count, duration, usd } from '../../report/format.js';
import { capLines } from '../../report/plan-table.js';
import { fine, stopped, warned, type Finding } from '../../schema/finding.js';
import type { OverlapReport } from '../../schema/overlap.js';
import type { Plan } from '../../schema/plan.js';
import type { ExperimentConfig } from '../config/config.js';
import { baseUrlsOf } from '../open/endpoint.js';
import type { PreparedExperiment } from '../open/prepare.js';
import type { AskedRequests } from './asked-requests.js';

/** What instructions and benchmark hold, and what they have in common. */
export function inputFindings(prepared: PreparedExperiment): Finding[] {
  const { config, instructions, evaluations, overlap, laterOverlaps } = prepared;
  const findings = evaluations.map(({ benchmark, recordName, isHeadline }) => {
    const nDropped = Object.values(benchmark.dropped).reduce((sum, n) => sum + n, 0);
    const dropped = nDropped > 0 ? `; ${count(nDropped)} rows are no items` : '';
    const name = recordName === undefined ? '' : `${recordName}${isHeadline ? ', the headline' : ''}: `;
    return fine('benchmark', `${name}${count(benchmark.items.length)} items${dropped}`);
  });
  if (config.iterations === 0) return findings;
  const { unclassified, selection } = instructions;
  const rows =
    unclassified &&
    `${count(unclassified.nCandidates)} of ${count(unclassified.nRows)} rows are classified first`;
  const taken = selection && `${count(selection.taken)} taken of ${count(selection.rows)} rows`;
  findings.push(fine('instructions', rows ?? taken ?? 'enough for all iterations'));
  for (const { benchmark, report } of laterOverlaps)
    findings.push(overlapFinding(report.settings.action, report, `${benchmark}: `));
  if (overlap) findings.push(overlapFinding(config.overlap.action, overlap));
  else if (unclassified)
    findings.push(
      fine('overlap', 'the rows were compared with the benchmark; those that are chosen are compared again'),
    );
  return findings;
}

function overlapFinding(
  action: OverlapReport['settings']['action'],
  { overlappingItems }: OverlapReport,
  of = '',
): Finding {
  const nShared = overlappingItems.length;
  if (nShared === 0) return fine('overlap', `${of}instructions and benchmark have nothing in common`);
  if (action === 'drop')
    return fine(
      'overlap',
      `instructions that overlap with ${count(nShared)} of the benchmark's items are left out (overlap.action)`,
    );
  const why = action === 'report' ? 'overlap.action is report' : 'all waived';
  return warned(
    'overlap',
    `${of}instructions overlap with ${count(nShared)} of the benchmark's items (${why})`,
    'Report them with the result, or set overlap.action to drop, which leaves those instructions out.',
  );
}

/** How long the prompts of each stage are, and whether they fit. @param windowOf of a model, in tokens; null: not known */
export function promptFindings(
  asked: readonly AskedRequests[],
  windowOf: (model: string) => number | null,
): Finding[] {
  return asked.map(({ stage, model, maxTokens, promptTokens }) => {
    const longest = Math.ceil(promptTokens.reduce((most, n) => Math.max(most, n), 0));
    const window = windowOf(model);
    const check = `prompts: ${stage}`;
    const told = `window ${window === null ? 'not known' : count(window)}`;
    const answers = maxTokens === null ? 'answers of any length' : `answers up to ${count(maxTokens)}`;
    const found = `${count(promptTokens.length)} prompts for ${model} (${told}), the longest about ${count(longest)} tokens; ${answers}`;
    const nOver = promptTokens.filter((n) => n + (maxTokens ?? 1) > (window ?? Infinity)).length;
    if (window === null || nOver === 0) return fine(check, found);
    const nLost = promptTokens.filter((n) => n >= window).length;
    const room = window - longest;
    const report = nLost === promptTokens.length ? stopped : warned;
    return report(
      check,
      `${found}: ${count(nOver)} do not fit with their answers, ${count(nLost)} not even alone`,
      `${room > 0 ? `Lower maxTokens of that stage to ${count(room)}` : 'Leave long inputs out'}, or serve the model with a longer window.`,
    );
  });
}

/** Calls, tokens, cost and time. */
export function costFindings({ endpoint }: ExperimentConfig, plan: Plan): Finding[] {
  const { requests, promptTokens, completionTokens, costUsd, wallMs } = plan.total;
  const calls = `${count(requests)} calls, ${count(promptTokens)} tokens in, ${count(completionTokens)} out`;
  const caps = capLines(plan).join('; ') || 'no cap is set';
  const time =
    wallMs === null
      ? warned(
          'time',
          'unknown, as is the pace of the servers',
          'Set plan.tokensPerSecond to what they write in all.',
        )
      : fine('time', `${duration(wallMs)}, trainings not counted`);
  if (endpoint.provider === 'embedded') return [fine('cost', `none, for ${calls}`), time];
  const what = `${costUsd === null ? 'unknown, since not every model has a price' : usd(costUsd)}, for ${calls}; ${caps}`;
  if (plan.caps.some(({ reachedIn }) => reachedIn !== null))
    return [
      warned('cost', what, 'Raise the cap, or plan a smaller run: autodidact plan shows its stages.'),
      time,
    ];
  const remedy = "Set prices, '*' for all models that are not named, and a cap: budget.costUsd.";
  return [costUsd === null ? warned('cost', what, remedy) : fine('cost', what), time];
}

/** Completions are in the store, in the records of the stages and in training sets: three times about four bytes a token. */
const BYTES_PER_TOKEN = 12;

/** Whether results and completions have room. */
export async function diskFindings({ total }: Plan, folders: readonly string[]): Promise<Finding[]> {
  const needed = (total.promptTokens + total.completionTokens) * BYTES_PER_TOKEN;
  const findings = new Map<number, Finding>();
  for (const folder of folders) {
    let path = resolve(folder);
    while (!(await exists(path))) path = dirname(path);
    const { bavail, bsize } = await statfs(path);
    const free = bavail * bsize;
    const found = `${gigabytes(needed)} needed for results and completions, without models of a trainer; ${gigabytes(free)} free at ${folder}`;
    const report = free < needed ? stopped : warned;
    const remedy = `Free some space for ${folder}, or keep --results and --completions elsewhere.`;
    // One line for each file system.
    findings.set(
      (await stat(path)).dev,
      free > 2 * needed ? fine('disk', found) : report('disk', found, remedy),
    );
  }
  return [...findings.values()];
}

function gigabytes(bytes: number): string {
  return bytes < 1e8 ? 'less than 0.1 GB' : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Where the judges that training makes will be asked. */
export function servingFindings({
  iterations,
  endpoint,
  finetune: { trainer },
}: ExperimentConfig): Finding[] {
  if (iterations === 0 || endpoint.provider === 'embedded') return [];
  const addresses = baseUrlsOf(endpoint).join(', ');
  if (trainer.backend === 'openai')
    return [fine('serving', `trained judges are asked at ${addresses}, which trains them`)];
  if (trainer.serves)
    return [fine('serving', 'the trainer serves each judge and names its address in the result file')];
  if (trainer.endpoint !== undefined)
    return [fine('serving', `trained judges are asked at ${trainer.endpoint}`)];
  return [
    warned(
      'serving',
      `trained judges are asked at ${addresses}, unless the result file or the log names an "endpoint"`,
      'Let the command load them there before it ends (vLLM: /v1/load_lora_adapter), or serve them and report the address.',
    ),
  ];
}
