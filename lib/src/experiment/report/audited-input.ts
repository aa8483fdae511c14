// What is audited: the judge of a run with the pairs that it was trained on, or the pairs of a file.
import { assessTrainingSet } from '../../assess/index.js';
import { isFolder } from '../../core/files.js';
import type { Assessment, AssessmentCheck } from '../../schema/assessment.js';
import type { PairAudit } from '../../schema/pair-audit.js';
import { RunFolder } from '../../store/index.js';
import { assessRun } from '../run/assess-run.js';
import {
  auditPairFile,
  iterationOf,
  type PairFileAudit,
  type PairFileOptions,
} from '../score/audit-pair-files.js';
import { readRun } from './read-run.js';

/** An audit of pairs, the rows of a file that are none, and what follows from it. */
export interface AuditedInput extends Pick<PairFileAudit, 'dropped' | 'badRows'> {
  /** null: of the seed model, which is trained on none. */
  pairs: PairAudit | null;
  /** Of the judge of a run; null for a file of pairs. */
  assessment: Assessment | null;
  /** The checks of the judge, or of the pairs as a training set. */
  checks: readonly AssessmentCheck[];
}

/**
 * Audits a run or a file of pairs; asks no model.
 * @param input a run's folder (its last judge; `folder@2` is that of iteration 2), or a file of rows with instruction, winner and loser
 * @throws DataError, ConfigError for what cannot be audited
 */
export async function auditInput(input: string, options: PairFileOptions = {}): Promise<AuditedInput> {
  const { run, which } = iterationOf(input);
  if (!(await isFolder(run))) {
    const { audit: pairs, ...bad } = await auditPairFile(input, options);
    return { pairs, assessment: null, checks: assessTrainingSet(pairs), ...bad };
  }
  const { config, parts, assessment: latest } = await readRun(run, { withSamples: false });
  const last = parts.iterations.at(-1)?.iteration ?? 0;
  const until = which ?? last;
  const iterations = parts.iterations.filter(({ iteration }) => iteration <= until);
  const { assessment } =
    until === last
      ? { assessment: latest }
      : await assessRun(new RunFolder(run), { config, iterations, withNext: false });
  const file = until === 0 ? null : await auditPairFile(`${run}@${until}`, options);
  const { checks } = assessment;
  return { pairs: file?.audit ?? null, assessment, checks, dropped: {}, badRows: [] };
}
