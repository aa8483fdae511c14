// `autodidact doctor`: everything that can be known of a run before it is paid for.
import type { Command } from 'commander';
import { examineExperiment } from '../experiment/index.js';
import { findingLines } from '../report/finding-lines.js';
import type { Examination, Finding } from '../schema/finding.js';
import { EndWithCode, EXIT_CODES } from './exit-codes.js';
import {
  experimentCommand,
  experimentOf,
  printResult,
  type ExperimentCommandOptions,
} from './shared-options.js';

/** Adds `doctor` to the program. */
export function addDoctorCommand(program: Command, signal: AbortSignal): void {
  experimentCommand(program, 'doctor', 'check everything that can be known of a run before it is paid for')
    .option('--no-requests', 'contact no server')
    .action(async (configPath: string, options: ExperimentCommandOptions & { requests: boolean }) => {
      const examination = await examineExperiment({
        ...experimentOf(configPath, options),
        environment: process.env,
        sendsRequests: options.requests,
        signal,
      });
      printResult(examination, options, describe);
      if (count(examination.findings, 'stop') > 0) throw new EndWithCode(EXIT_CODES.stopFound);
    });
}

function describe({ experiment, nRequests, findings }: Examination): string {
  const sent = `chat requests sent: ${nRequests}`;
  const nStops = count(findings, 'stop');
  const end = nStops === 0 ? 'The run can start.' : 'The run would stop; fix the stop lines first.';
  return [
    `${experiment}: nothing was trained; ${sent}`,
    findingLines(findings).join('\n'),
    `ok ${count(findings, 'ok')}, warning ${count(findings, 'warning')}, stop ${nStops}. ${end}`,
  ].join('\n\n');
}

function count(findings: readonly Finding[], wanted: Finding['verdict']): number {
  return findings.filter(({ verdict }) => verdict === wanted).length;
}
