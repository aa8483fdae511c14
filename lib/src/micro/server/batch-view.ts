// A batch as the OpenAI API shows it. Reference: https://platform.openai.com/docs/api-reference/batch/object
import type { Batch } from './batch-record.js';
import type { View } from './task-routes.js';

/** The status of a batch as the API names it. */
function batchStatusOf({ outcome, cancelMs, progress }: Batch): string {
  if (outcome !== null) return outcome.status;
  if (cancelMs !== null) return 'cancelling';
  if (progress.finalizingMs !== null) return 'finalizing';
  return progress.startedMs === null ? 'validating' : 'in_progress';
}

/** `batch`. */
export function batchView(batch: Batch): View {
  const { request, progress, cancelMs, outcome } = batch;
  const endedAs = (status: string): number | null =>
    outcome?.status === status ? seconds(outcome.finishedMs) : null;
  return {
    id: request.id,
    object: 'batch',
    endpoint: request.endpoint,
    errors: outcome === null || outcome.errors.length === 0 ? null : { object: 'list', data: outcome.errors },
    input_file_id: request.inputFile,
    completion_window: request.completionWindow,
    status: batchStatusOf(batch),
    output_file_id: outcome?.outputFile ?? null,
    error_file_id: outcome?.errorFile ?? null,
    created_at: seconds(request.createdMs),
    in_progress_at: seconds(progress.startedMs),
    expires_at: seconds(request.expiresMs),
    finalizing_at: seconds(progress.finalizingMs),
    completed_at: endedAs('completed'),
    failed_at: endedAs('failed'),
    expired_at: endedAs('expired'),
    cancelling_at: seconds(cancelMs),
    cancelled_at: endedAs('cancelled'),
    request_counts: outcome?.counts ?? progress.counts,
    metadata: request.metadata,
  };
}

function seconds(ms: number): number;
function seconds(ms: number | null): number | null;
function seconds(ms: number | null): number | null {
  return ms === null ? null : Math.floor(ms / 1000);
}
