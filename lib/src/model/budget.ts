// Hard caps of a run in money, tokens and calls: reserve before a request is sent, settle when it is answered; what is in flight counts.
import { BudgetError, ConfigError } from '../core/errors.js';
import type { SpendingEntry } from '../schema/spending.js';
import { onAbort } from '../core/on-abort.js';
import type { Prices, RequestCeiling, TokenCounts } from './prices.js';

/** Amounts that can be capped. */
export interface Amounts {
  /** US dollars. */
  costUsd: number;
  /** Prompt and completion tokens together. */
  tokens: number;
  /** Requests that were answered. */
  calls: number;
}

/** The most that a run may spend; absent means no cap. */
export type BudgetCaps = { readonly [Cap in keyof Amounts]?: number | undefined };

/** One request that was answered and paid for. */
export type PaidRequest = Pick<SpendingEntry, 'model' | 'promptTokens' | 'completionTokens' | 'costUsd'>;

/** Room held for one request; exactly one of its functions is called, once. */
export interface Reservation {
  /** The request was answered. @returns its cost in US dollars, null where its model has no price @throws DataError */
  settle: (used: TokenCounts) => Promise<number | null>;
  /** The request was not answered. */
  cancel: () => void;
}

/** What a budget is made of. */
export interface BudgetOptions {
  caps: BudgetCaps;
  prices: Prices;
  /** What earlier attempts of the run spent; see {@link amountsOf}. Default: nothing. */
  spentBefore?: Amounts | undefined;
  /** Records what was paid; a reservation is settled only when this has resolved. */
  record?: ((paid: PaidRequest) => Promise<void>) | undefined;
}

/**
 * Rounding of sums of money, as a share of the cap: a cap counts as reached a billionth before it, and is kept to within a billionth.
 * The sum of a million costs in floating-point numbers is off by a tenth of that at most (n u, u = 2^-53).
 */
const TOLERANCE = 1e-9;

interface Waiter {
  ceiling: Amounts;
  signal: AbortSignal;
  admit: () => void;
  refuse: (error: BudgetError) => void;
}

const UNITS = { costUsd: 'US dollars', tokens: 'tokens', calls: 'calls' } as const;

/**
 * Admits requests, in their order, while spent + held + their own ceiling stay within every cap. A request that does not fit waits until
 * the requests in flight have settled, mostly below their ceilings, and goes alone if it still does not fit. So the whole budget can be
 * used, and a cap is exceeded by at most the cost of one request, its failed attempts included. Once a cap is reached and nothing is in
 * flight any more, so that nothing that was paid for is lost, all waiting and all later requests are refused.
 *
 * Requests that were in flight when the process was killed may have been paid for; they are not counted.
 */
export class Budget {
  readonly #caps: readonly { cap: keyof Amounts; limit: number }[];
  readonly #prices: Prices;
  readonly #record: BudgetOptions['record'];
  readonly #spent: Amounts;
  #held: Amounts = nothing();
  #nInFlight = 0;
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiter>();

  constructor({ caps, prices, spentBefore = nothing(), record }: BudgetOptions) {
    this.#caps = (['costUsd', 'tokens', 'calls'] as const).flatMap((cap) => {
      const limit = caps[cap];
      return limit === undefined ? [] : [{ cap, limit }];
    });
    this.#prices = prices;
    this.#spent = { ...spentBefore };
    this.#record = record;
  }

  /** What was spent so far, earlier attempts included; requests whose model has no price cost 0 here. */
  get spent(): Readonly<Amounts> {
    return { ...this.#spent };
  }

  /**
   * Waits for its turn and for room.
   * @throws BudgetError once a cap is reached, ConfigError for a model without a price under a cap on cost; the signal's reason when
   *   it aborts
   */
  async reserve(request: RequestCeiling, signal: AbortSignal): Promise<Reservation> {
    signal.throwIfAborted();
    if (this.#caps.length === 0) return this.#reservation(request.model, null);
    const ceiling = this.#ceilingOf(request);
    if (this.#waiting.size > 0 || !this.#hasRoom(ceiling)) await this.#turn(ceiling, signal);
    else this.#hold(ceiling);
    return this.#reservation(request.model, ceiling);
  }

  #ceilingOf({ model, promptTokens, completionTokens }: RequestCeiling): Amounts {
    const costUsd = this.#prices.costUsdOf(model, { promptTokens, completionTokens });
    if (costUsd === null && this.#caps.some(({ cap }) => cap === 'costUsd')) {
      throw new ConfigError({
        subject: 'prices',
        expected: `a price of ${model}, since there is a cap on cost`,
        received: 'no price',
        remedy: `Add the model, or '*' for all that are not named, to prices, or remove budget.costUsd.`,
      });
    }
    return { costUsd: costUsd ?? 0, tokens: promptTokens + completionTokens, calls: 1 };
  }

  #turn(ceiling: Amounts, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiter);
        forget();
      };
      const waiter: Waiter = {
        ceiling,
        signal,
        admit: () => {
          leave();
          this.#hold(ceiling);
          resolve();
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      this.#waiting.add(waiter);
      const forget = onAbort(signal, () => {
        leave();
        reject(signal.reason as Error);
        // The next one may fit where this one did not.
        this.#advance();
      });
      this.#advance();
    });
  }

  #hold(ceiling: Amounts): void {
    this.#nInFlight++;
    add(this.#held, ceiling, 1);
  }

  /** Admits those that may go, from the front. */
  #advance(): void {
    for (const waiter of this.#waiting) {
      // It is about to be told and to leave.
      if (waiter.signal.aborted) continue;
      const reached = this.#nInFlight === 0 ? this.#reached() : null;
      if (reached) waiter.refuse(this.#refusal(reached));
      else if (this.#hasRoom(waiter.ceiling)) waiter.admit();
      else return;
    }
  }

  #hasRoom(ceiling: Amounts): boolean {
    if (this.#reached()) return false;
    return (
      this.#nInFlight === 0 ||
      this.#caps.every(
        ({ cap, limit }) => this.#spent[cap] + this.#held[cap] + ceiling[cap] <= limit * (1 + TOLERANCE),
      )
    );
  }

  #reached(): keyof Amounts | null {
    return this.#caps.find(({ cap, limit }) => this.#spent[cap] >= limit * (1 - TOLERANCE))?.cap ?? null;
  }

  #refusal(reached: keyof Amounts): BudgetError {
    const limit = this.#caps.find(({ cap }) => cap === reached)?.limit ?? 0;
    return new BudgetError({
      subject: `budget.${reached}`,
      expected: `spending by this run below the cap of ${limit} ${UNITS[reached]}`,
      received: `${shown(this.#spent[reached])} ${UNITS[reached]}`,
      remedy: `Raise budget.${reached} and run the same command again: it continues where it stopped.`,
    });
  }

  #reservation(model: string, ceiling: Amounts | null): Reservation {
    let isOpen = true;
    const end = (): boolean => {
      if (!isOpen) return false;
      isOpen = false;
      if (ceiling) this.#release(ceiling);
      return true;
    };
    return {
      settle: async (used: TokenCounts) => {
        const { promptTokens, completionTokens } = used;
        const costUsd = this.#prices.costUsdOf(model, used);
        if (isOpen) {
          // Before the room is given back, so that no other request sees it free in between.
          add(this.#spent, { costUsd: costUsd ?? 0, tokens: promptTokens + completionTokens, calls: 1 }, 1);
          end();
          await this.#record?.({ model, promptTokens, completionTokens, costUsd });
        }
        return costUsd;
      },
      cancel: () => {
        end();
      },
    };
  }

  #release(ceiling: Amounts): void {
    this.#nInFlight--;
    // Rounding errors of sums must not add up over a long run.
    if (this.#nInFlight === 0) this.#held = nothing();
    else add(this.#held, ceiling, -1);
    this.#advance();
  }
}

/**
 * The sums of a spending ledger. Requests whose model had no price when they were sent count at the current price; where there is still
 * no price, they count as free.
 */
export function amountsOf(entries: Iterable<SpendingEntry>, prices: Prices): Amounts {
  const sum = nothing();
  for (const { model, requests, promptTokens, completionTokens, costUsd } of entries) {
    const tokens = promptTokens + completionTokens;
    const cost = costUsd ?? prices.costUsdOf(model, { promptTokens, completionTokens }) ?? 0;
    add(sum, { costUsd: cost, tokens, calls: requests }, 1);
  }
  return sum;
}

function nothing(): Amounts {
  return { costUsd: 0, tokens: 0, calls: 0 };
}

function add(sum: Amounts, amounts: Amounts, sign: 1 | -1): void {
  sum.costUsd += sign * amounts.costUsd;
  sum.tokens += sign * amounts.tokens;
  sum.calls += sign * amounts.calls;
}

/** Six digits are enough to see by how much a cap was exceeded. */
function shown(amount: number): string {
  return Number.isInteger(amount) ? String(amount) : String(Number(amount.toPrecision(6)));
}
