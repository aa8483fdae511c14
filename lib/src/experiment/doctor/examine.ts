// Everything that can be known of a run before it is paid for.
import { dirname } from 'node:path';
import { AutodidactError } from '../../core/errors.js';
import { printable } from '../../core/text.js';
import { loadPack } from '../../prompt/index.js';
import { findingSchema, fine, stopOf, warned, type Examination, type Finding } from '../../schema/finding.js';
import type { ExperimentConfig } from '../config/config.js';
import { evaluationsOf } from '../config/evaluate-config.js';
import { loadExperimentConfig } from '../config/load-config.js';
import { loadMatrix } from '../matrix/load-matrix.js';
import { openBenchmark } from '../open/benchmark-source.js';
import { benchmarkKeys } from '../open/evaluations.js';
import type { ExperimentOptions } from '../open/opened-experiment.js';
import { prepareConfig, type PreparedExperiment } from '../open/prepare.js';
import { openInstructions } from '../open/sources.js';
import { planPrepared } from '../plan/plan-experiment.js';
import { hookProblem } from '../run/notify.js';
import { trainerFindings } from '../run/trainer-check.js';
import { askedRequests } from './asked-requests.js';
import { costFindings, diskFindings, inputFindings, promptFindings, servingFindings } from './free-checks.js';
import { examineServers, type ServersExamined } from './server-checks.js';

/** What is examined, and whether servers are asked. */
export interface ExamineOptions extends Omit<ExperimentOptions, 'onEvent' | 'embeddedFolder'> {
  /** Whether to contact servers, and to send each a few short requests. */
  sendsRequests: boolean;
}

/** In characters; remedies and answers of servers are shorter. */
const LONGEST_TEXT = 1000;
const NOTHING_ASKED: ServersExamined = { findings: [], nRequests: 0, windowOf: () => null };

/**
 * Examines an experiment, or every arm of its matrix: inputs, overlap, prompts against context windows, servers and the parameters that
 * they take, the trainer and where its judges are served, cost, time and disk. A check is left out only where the inputs that it needs cannot
 * be read; nothing is written.
 * @throws ConfigError for an experiment file that is wrong; the signal's reason when it aborts
 */
export async function examineExperiment(options: ExamineOptions): Promise<Examination> {
  const { configPath, overrides } = options;
  const matrix = await loadMatrix({ configPath }, overrides);
  if (matrix === null) {
    const config = await loadExperimentConfig({ configPath }, overrides);
    return examineConfig(config, { ...options, isPlanned: true });
  }
  const labels = new Map<string, string[]>();
  let nRequests = 0;
  for (const { label, config } of matrix.arms) {
    const examined = await examineConfig(config, { ...options, isPlanned: false });
    nRequests += examined.nRequests;
    for (const key of new Set(examined.findings.map((finding) => JSON.stringify(finding))))
      labels.set(key, [...(labels.get(key) ?? []), label]);
  }
  const findings = [...labels].map(([key, arms]): Finding => {
    const finding = findingSchema.parse(JSON.parse(key));
    return { ...finding, found: `${finding.found}${whichArms(finding, { arms, nAll: matrix.arms.length })}` };
  });
  findings.push(fine('cost', 'shown for every run by autodidact matrix, with calls, tokens and time'));
  return { experiment: matrix.name, nRequests, findings };
}

/** So many names fit into a line or two. */
const MOST_NAMED_ARMS = 3;

/** Of trouble every arm is named, of what is fine the first. */
function whichArms({ verdict }: Finding, { arms, nAll }: { arms: readonly string[]; nAll: number }): string {
  if (arms.length === nAll) return '';
  if (verdict !== 'ok' || arms.length <= MOST_NAMED_ARMS) return ` (${arms.join('; ')})`;
  return ` (${arms.length} of ${nAll} arms, the first is ${arms[0] ?? ''})`;
}

async function examineConfig(
  config: ExperimentConfig,
  options: ExamineOptions & { isPlanned: boolean },
): Promise<Examination> {
  const { configPath, environment, signal, sendsRequests, isPlanned } = options;
  const findings: Finding[] = [];
  const prepared = await found('inputs', findings, () => prepareConfig(config, { configPath, signal }));
  if (!prepared) await findOtherProblems(config, { configPath, signal, findings });
  const asked = prepared && (await found('prompts', findings, () => askedRequests(prepared, signal)));
  const servers = sendsRequests
    ? await examineServers(config, asked ?? [], { environment, configPath, signal })
    : NOTHING_ASKED;
  if (prepared) findings.push(...inputFindings(prepared));
  findings.push(...promptFindings(asked ?? [], servers.windowOf));
  findings.push(...servers.findings);
  findings.push(...(await trainerFindings(config, { configPath, environment })), ...servingFindings(config));
  const hookTrouble = hookProblem(config.notify, environment);
  if (hookTrouble !== null)
    findings.push(warned('notify', hookTrouble, 'Set it, or no message is sent when the run ends.'));
  if (prepared && isPlanned) findings.push(...(await planFindings(prepared, options)));
  return { experiment: config.name, nRequests: servers.nRequests, findings: findings.map(printableFinding) };
}

/** Adds what is wrong with inputs that were not reached, since an earlier one could not be opened. */
async function findOtherProblems(
  config: ExperimentConfig,
  { findings, ...place }: { configPath: string; signal: AbortSignal; findings: Finding[] },
): Promise<void> {
  const all: Finding[] = [];
  const folder = dirname(place.configPath);
  const pack = await found('inputs', all, () => loadPack(config.pack, { folder }));
  const keys = benchmarkKeys(config);
  let nOpened = 0;
  for (const [i, { settings, pack: reference }] of evaluationsOf(config).entries()) {
    const key = keys[i] ?? '';
    if (reference !== undefined) await found('inputs', all, () => loadPack(reference, { folder }));
    if (await found('inputs', all, () => openBenchmark(settings.benchmark, { ...place, key }))) nOpened++;
  }
  if (!pack || nOpened < keys.length)
    await found('inputs', all, () => openInstructions(config, { ...place, screen: null }));
  const known = new Set(findings.map((finding) => finding.found));
  findings.push(...all.filter((finding) => !known.has(finding.found)));
}

async function planFindings(prepared: PreparedExperiment, options: ExamineOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  const plan = await found('cost', findings, () => planPrepared(prepared, options));
  const folders = [options.resultsFolder, options.completionsFolder];
  if (plan) findings.push(...costFindings(prepared.config, plan), ...(await diskFindings(plan, folders)));
  return findings;
}

/** What a step gives; null where it failed, which becomes a finding. @throws whatever is no error for the user */
async function found<Result>(
  check: string,
  findings: Finding[],
  step: () => Promise<Result>,
): Promise<Result | null> {
  try {
    return await step();
  } catch (thrown) {
    if (!(thrown instanceof AutodidactError)) throw thrown;
    findings.push(stopOf(check, thrown));
    return null;
  }
}

/** Names and answers come from files and servers. */
function printableFinding({ check, verdict, found: text, remedy }: Finding): Finding {
  const shown = (part: string): string => printable(part, LONGEST_TEXT);
  return { check: shown(check), verdict, found: shown(text), remedy: remedy === null ? null : shown(remedy) };
}
