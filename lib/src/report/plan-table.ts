// A plan as tables: what each stage would ask for, what the caps would do, and what was assumed.
import type { Plan, PlannedAmounts, PlannedCap, PlannedStage } from '../schema/plan.js';
import { count, duration, NO_VALUE, usd } from './format.js';
import type { Table } from './tables.js';

/** Stage by stage, and the sum. */
export function planTable({ stages, total }: Plan): Table {
  return {
    header: [
      'stage',
      'inputs',
      'calls',
      'from store',
      'completions',
      'tokens in',
      'tokens out',
      'cost',
      'time',
    ],
    rows: [...stages.map(stageRow), ['in all', '', ...amountCells(total)]],
  };
}

function stageRow(stage: PlannedStage): string[] {
  const { iteration, state, nInput } = stage;
  const name = `${iteration} ${stage.stage}`;
  if (state === 'done') return [name, count(nInput), 'done', ...Array<string>(6).fill('')];
  // Training asks no model, and what it costs is not in the price table.
  if (stage.stage === 'finetune')
    return [name, count(nInput), ...Array<string>(5).fill(''), NO_VALUE, NO_VALUE];
  return [name, count(nInput), ...amountCells(stage)];
}

function amountCells(amounts: PlannedAmounts): string[] {
  const { requests, cachedRequests, completions, promptTokens, completionTokens, costUsd, wallMs } = amounts;
  return [
    ...[requests, cachedRequests, completions, promptTokens, completionTokens].map(count),
    usd(costUsd),
    wallMs === null ? NO_VALUE : duration(wallMs),
  ];
}

const UNITS = { tokens: ' tokens', calls: ' calls' } as const;

/** What each cap of the budget would do, in a sentence; empty where none is set. */
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
  if (planned === null) return 'cannot be told, since a price is missing';
  const needed = amountOf(cap, spentBefore + planned);
  if (reachedIn === null) return `enough for ${needed}, ${percentOf(spentBefore + planned, limit)} of it`;
  return `would stop the run in ${reachedIn.iteration} ${reachedIn.stage}; it needs ${needed}`;
}

function amountOf(cap: PlannedCap['cap'], amount: number): string {
  return cap === 'costUsd' ? usd(amount) : `${count(amount)}${UNITS[cap]}`;
}

function percentOf(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)}%`;
}

/** What was assumed, and where each assumption comes from, a line each. */
export function assumptionLines({ assumptions }: Plan): string[] {
  return assumptions.map(({ what, value, source }) => `${what}: ${value} (${source})`);
}
