// The runs of a matrix before they run, as a table: what is finished, and what the rest would cost.
import type { ListedRun, MatrixListing } from '../schema/matrix-listing.js';
import type { PlannedAmounts } from '../schema/plan.js';
import { count, duration, NO_VALUE, usd } from './format.js';
import { settingsText } from './matrix-table.js';
import type { Table } from './tables.js';

/** Run by run, in the order in which they run, and the sum. */
export function matrixListingTable({ runs, total }: MatrixListing): Table {
  return {
    header: ['arm', 'seed', 'state', 'calls', 'from store', 'tokens in', 'tokens out', 'cost', 'time'],
    rows: [
      ...runs.map((run) => [run.arm, String(run.seed), stateOf(run), ...amountCells(run.total)]),
      ['in all', '', '', ...amountCells(total)],
    ],
  };
}

/** What each arm sets. */
export function armTable({ arms, baseline }: MatrixListing): Table {
  return {
    header: ['arm', 'sets'],
    rows: arms.map((arm) => [
      arm.label === baseline ? `${arm.label} (baseline)` : arm.label,
      settingsText(arm) || 'nothing: as the file says',
    ]),
  };
}

function stateOf({ state, nStages, nStagesDone }: ListedRun): string {
  return state === 'begun' ? `${nStagesDone} of ${nStages} stages` : state;
}

function amountCells({
  requests,
  cachedRequests,
  promptTokens,
  completionTokens,
  costUsd,
  wallMs,
}: PlannedAmounts): string[] {
  return [
    ...[requests, cachedRequests, promptTokens, completionTokens].map(count),
    usd(costUsd),
    wallMs === null ? NO_VALUE : duration(wallMs),
  ];
}
