// Tables of plans: requests and cost of each stage or each run of a matrix, the effect of the caps, and the assumptions.
import type { ListedRun, MatrixListing } from '../schema/matrix-listing.js';
import { stageName } from '../schema/manifest.js';
import type { Plan, PlannedAmounts, PlannedCap, PlannedStage } from '../schema/plan.js';
import { count, duration, NO_VALUE, usd } from './format.js';
import { makeTable, type Column, type Table } from './tables.js';

/**
 * The stages and their sum.
 * @example showTable(planTable(plan));
 */
export function planTable({ stages, total }: Plan): Table {
  const amountsOf = (row: PlannedStage | PlannedAmounts) =>
    'state' in row && (row.state === 'done' || row.stage === 'finetune') ? undefined : row;
  const amounts = amountColumns(amountsOf);
  return makeTable<PlannedStage | PlannedAmounts>(
    [...stages, total],
    [
      ['stage', (row) => ('stage' in row ? `${row.iteration} ${stageName(row)}` : 'in all')],
      ['inputs', (row) => ('stage' in row ? count(row.nInput) : '')],
      ['calls', (row) => ('state' in row && row.state === 'done' ? 'done' : amounts.calls[1](row))],
      amounts.fromStore,
      ['completions', (row) => amountsOf(row) && count(amountsOf(row)?.completions ?? 0)],
      ...amounts.tokens,
      // Training sends no requests to a model, and its price is not in the price table.
      ...amounts.costAndTime.map(([title, cell]): Column<PlannedStage | PlannedAmounts> => [
        title,
        (row) => ('state' in row && row.state !== 'done' && row.stage === 'finetune' ? NO_VALUE : cell(row)),
      ]),
    ],
  );
}

/** The runs of a matrix in the order in which they run, and the sum: finished stages, and the cost of the rest. */
export function matrixListingTable({ runs, total }: MatrixListing): Table {
  const { calls, fromStore, tokens, costAndTime } = amountColumns(
    (row: { total: PlannedAmounts }) => row.total,
  );
  return makeTable<Pick<ListedRun, 'total'> & Partial<ListedRun>>(
    [...runs, { total }],
    [
      ['arm', ({ arm = 'in all' }) => arm],
      ['seed', ({ seed }) => seed?.toString()],
      [
        'state',
        ({ state, nStages, nStagesDone }) =>
          state === 'begun' ? `${nStagesDone} of ${nStages} stages` : state,
      ],
      calls,
      fromStore,
      ...tokens,
      ...costAndTime,
    ],
  );
}

/** Columns of planned amounts, in groups. */
function amountColumns<Row>(amountsOf: (row: Row) => PlannedAmounts | undefined) {
  const column = (title: string, text: (amounts: PlannedAmounts) => string): Column<Row> => [
    title,
    (row) => {
      const amounts = amountsOf(row);
      return amounts && text(amounts);
    },
  ];
  return {
    calls: column('calls', ({ requests }) => count(requests)),
    fromStore: column('from store', ({ cachedRequests }) => count(cachedRequests)),
    tokens: [
      column('tokens in', ({ promptTokens }) => count(promptTokens)),
      column('tokens out', ({ completionTokens }) => count(completionTokens)),
    ],
    costAndTime: [
      column('cost', ({ costUsd }) => usd(costUsd)),
      column('time', ({ wallMs }) => (wallMs === null ? NO_VALUE : duration(wallMs))),
    ],
  };
}

const UNITS = { tokens: ' tokens', calls: ' calls' } as const;

/** The effect of each cap of the budget, one sentence each; empty without caps. */
export function capLines({ caps }: Plan): string[] {
  return caps.map((planned) => {
    const { cap, limit, spentBefore, reachedIn } = planned;
    const spent = spentBefore > 0 ? `, ${amountOf(cap, spentBefore)} of it spent before` : '';
    return `budget.${cap} of ${amountOf(cap, limit)}${spent}: ${effectOf(planned, reachedIn)}`;
  });
}

function effectOf(
  { cap, limit, spentBefore, planned }: PlannedCap,
  reachedIn: PlannedCap['reachedIn'],
): string {
  if (planned === null) return 'unknown (no price set)';
  const needed = amountOf(cap, spentBefore + planned);
  if (reachedIn === null && spentBefore + planned > limit) return 'reached, but nothing is left to ask';
  if (reachedIn === null) return `enough for ${needed}, ${percentOf(spentBefore + planned, limit)} of it`;
  return `would stop the run in iteration ${reachedIn.iteration}, ${stageName(reachedIn)}; it needs ${needed}`;
}

function amountOf(cap: PlannedCap['cap'], amount: number): string {
  return cap === 'costUsd' ? usd(amount) : `${count(amount)}${UNITS[cap]}`;
}

function percentOf(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)}%`;
}

/**
 * The assumptions and their sources, one line each.
 * @example showMarkdown(assumptionLines(plan).join('\n\n'));
 */
export function assumptionLines({ assumptions }: Plan): string[] {
  return assumptions.map(({ what, value, source }) => `${what}: ${value} (${source})`);
}
