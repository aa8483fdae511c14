// The state of a batch, which each server names differently. Reference: https://platform.openai.com/docs/guides/batch
import type { ServerBatch } from './batch-api.js';

/** How a batch can end. */
export type BatchEnding = 'completed' | 'failed' | 'expired' | 'cancelled';

/** Names of the final states; OpenAI's first, then those of other servers. */
const ENDINGS: Readonly<Record<BatchEnding, readonly string[]>> = {
  completed: ['completed', 'complete', 'succeeded', 'success', 'ended', 'done'],
  failed: ['failed', 'failure', 'error', 'errored'],
  expired: ['expired', 'timeout_exceeded', 'timed_out', 'timeout'],
  cancelled: ['cancelled', 'canceled', 'aborted'],
};

/** Names of states of a batch that is under way; it is waited for as long as it takes. */
const UNDER_WAY = [
  'validating',
  'in_progress',
  'finalizing',
  'cancelling',
  'created',
  'submitted',
  'queued',
  'pending',
  'running',
  'processing',
  'cancellation_requested',
];

/** Clocks differ, and servers are late: a batch is waited for this long beyond its deadline, in seconds. */
const SLACK_S = 3600;
/** Where the server reports no deadline: this long after its creation, in seconds; no known window is longer than a week. */
const LONGEST_WINDOW_S = 7 * 86_400;

/**
 * How a batch ended; null while it is under way. A state of an unknown name is final where the batch has a time of its end or a file of
 * results, or once its deadline has passed: then it counts as expired.
 * @param nowMs milliseconds since 1970
 */
export function endingOf(batch: ServerBatch, nowMs: number): BatchEnding | null {
  const status = batch.status.toLowerCase().replaceAll('-', '_');
  for (const ending of Object.keys(ENDINGS) as BatchEnding[])
    if (ENDINGS[ending].includes(status)) return ending;
  if (UNDER_WAY.includes(status)) return null;
  if (isSet(batch.failed_at)) return 'failed';
  if (isSet(batch.cancelled_at)) return 'cancelled';
  if (isSet(batch.expired_at)) return 'expired';
  if (isSet(batch.completed_at) || isSet(batch.output_file_id) || isSet(batch.error_file_id))
    return 'completed';
  const endS = batch.expires_at ?? batch.created_at + LONGEST_WINDOW_S;
  return nowMs / 1000 > endS + SLACK_S ? 'expired' : null;
}

/** Servers write null, nothing, 0 or an empty text for what is not set. */
function isSet(value: number | string | null | undefined): boolean {
  return value !== undefined && value !== null && value !== 0 && value !== '';
}
