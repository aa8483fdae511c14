import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { BudgetError, ConfigError } from '../../lib/src/core/errors.js';
import { amountsOf, Budget, type BudgetCaps, type PaidRequest } from '../../lib/src/model/budget.js';
import { Prices, type PriceTable } from '../../lib/src/model/prices.js';
import type { Reservation } from '../../lib/src/model/budget.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';

/** A million tokens in cost a dollar, a million out two: numbers that are easy to follow. */
const TABLE: PriceTable = {
  judge: { inputUsdPerMillion: 1, outputUsdPerMillion: 2, batchShare: 0.5 },
};

function budgetOf(caps: BudgetCaps, rest: Partial<ConstructorParameters<typeof Budget>[0]> = {}): Budget {
  return new Budget({ caps, prices: new Prices(TABLE), ...rest });
}

/** A request of so many prompt tokens and no more. */
const ceiling = (promptTokens: number) => ({ model: 'judge', promptTokens, completionTokens: 0 });
const used = (promptTokens: number) => ({ promptTokens, completionTokens: 0 });

/** What became of a promise after everything that was ready has run. */
async function stateOf(promise: Promise<unknown>): Promise<'waits' | 'done' | Error> {
  let state: 'waits' | 'done' | Error = 'waits';
  promise.then(
    () => (state = 'done'),
    (thrown: unknown) => (state = thrown instanceof Error ? thrown : new Error(String(thrown))),
  );
  await nextTurn();
  return state;
}

describe('prices', () => {
  const table: PriceTable = {
    ...TABLE,
    '*': { inputUsdPerMillion: 10, outputUsdPerMillion: 20, batchShare: 0.25 },
  };

  it('are by million tokens, of the exact name, else of all others', () => {
    const prices = new Prices(table);
    // 1,000 x 1 / 1e6 + 500 x 2 / 1e6
    assert.equal(prices.costUsdOf('judge', { promptTokens: 1000, completionTokens: 500 }), 0.002);
    assert.equal(prices.costUsdOf('judge-2', { promptTokens: 1000, completionTokens: 500 }), 0.02);
  });

  it('are a share of themselves in a batch', () => {
    const prices = new Prices(table, { isBatch: true });
    assert.equal(prices.costUsdOf('judge', { promptTokens: 1000, completionTokens: 500 }), 0.001);
    assert.equal(prices.costUsdOf('other', { promptTokens: 1000, completionTokens: 500 }), 0.005);
  });

  it('of a model that is not in the table are not known, whatever its name', () => {
    assert.equal(new Prices(TABLE).costUsdOf('toString', used(1)), null);
    assert.equal(new Prices({}).costUsdOf('judge', used(1)), null);
  });
});

describe('a budget', () => {
  it('lets requests go while what is spent, what is in flight and their own ceiling fit', async () => {
    const budget = budgetOf({ tokens: 100 });
    const first = await budget.reserve(ceiling(60), NEVER);
    const second = await budget.reserve(ceiling(40), NEVER);
    const third = budget.reserve(ceiling(30), NEVER);
    assert.equal(await stateOf(third), 'waits');
    await first.settle(used(20));
    // 20 spent, 40 in flight, 30 more.
    assert.equal(await stateOf(third), 'done');
    await second.settle(used(40));
    await (await third).settle(used(30));
    assert.deepEqual(budget.spent, { costUsd: 90e-6, tokens: 90, calls: 3 });
  });

  it('lets a request that cannot fit go alone, and then stops', async () => {
    const budget = budgetOf({ tokens: 100 });
    const small = await budget.reserve(ceiling(10), NEVER);
    const large = budget.reserve(ceiling(500), NEVER);
    const next = budget.reserve(ceiling(1), NEVER);
    assert.equal(await stateOf(large), 'waits');
    await small.settle(used(10));
    assert.equal(await stateOf(large), 'done');
    assert.equal(await stateOf(next), 'waits');
    await (await large).settle(used(120));
    await assert.rejects(next, BudgetError);
    assert.equal(budget.spent.tokens, 130);
  });

  it('serves in the order in which requests came, small ones too', async () => {
    const budget = budgetOf({ tokens: 100 });
    const first = await budget.reserve(ceiling(50), NEVER);
    const large = budget.reserve(ceiling(80), NEVER);
    const small = budget.reserve(ceiling(1), NEVER);
    assert.equal(await stateOf(small), 'waits');
    first.cancel();
    assert.equal(await stateOf(large), 'done');
    assert.equal(await stateOf(small), 'done');
  });

  it('says which cap was reached and what to do, to all that wait and all that come', async () => {
    const budget = budgetOf({ calls: 1 });
    const first = await budget.reserve(ceiling(1), NEVER);
    const second = budget.reserve(ceiling(1), NEVER);
    const third = budget.reserve(ceiling(1), NEVER);
    assert.equal(await stateOf(second), 'waits');
    await first.settle(used(1));
    const error = {
      name: 'BudgetError',
      subject: 'budget.calls',
      expected: 'spending by this run below the cap of 1 calls',
      received: '1 calls',
      remedy: 'Raise budget.calls and run the same command again: it continues where it stopped.',
    };
    for (const refused of [second, third, budget.reserve(ceiling(1), NEVER)])
      await assert.rejects(refused, error);
  });

  it('does not refuse while something is in flight, which would be lost', async () => {
    const budget = budgetOf({ tokens: 100 });
    const first = await budget.reserve(ceiling(10), NEVER);
    const second = await budget.reserve(ceiling(10), NEVER);
    // More than its ceiling, as a server may bill that counts otherwise.
    await first.settle(used(100));
    const third = budget.reserve(ceiling(1), NEVER);
    assert.equal(await stateOf(third), 'waits');
    await second.settle(used(5));
    await assert.rejects(third, BudgetError);
  });

  it('counts money by the price table, and is not misled by rounding', async () => {
    // Three times 0.1 is 0.30000000000000004 in floating-point numbers.
    const budget = budgetOf({ costUsd: 0.3 });
    const held = [];
    for (let i = 0; i < 3; i++) held.push(await budget.reserve(ceiling(100_000), NEVER));
    assert.equal(await stateOf(budget.reserve(ceiling(1), new AbortController().signal)), 'waits');
    for (const reservation of held) assert.equal(await reservation.settle(used(100_000)), 0.1);
  });

  it('asks for the price of a model under a cap on cost', async () => {
    const unpriced = { model: 'nobody', promptTokens: 1, completionTokens: 1 };
    await assert.rejects(budgetOf({ costUsd: 1 }).reserve(unpriced, NEVER), ConfigError);
    const free = await budgetOf({ tokens: 10 }).reserve(unpriced, NEVER);
    assert.equal(await free.settle(used(1)), null);
  });

  it('remembers what was spent before', async () => {
    const before = { costUsd: 0, tokens: 95, calls: 7 };
    const budget = budgetOf({ tokens: 100 }, { spentBefore: before });
    const first = await budget.reserve(ceiling(5), NEVER);
    await first.settle(used(5));
    assert.deepEqual(budget.spent, { costUsd: 5e-6, tokens: 100, calls: 8 });
    assert.equal(before.tokens, 95);
    await assert.rejects(budget.reserve(ceiling(1), NEVER), BudgetError);
  });

  it('settles only when the payment is recorded, and counts it from the start', async () => {
    const recorded: PaidRequest[] = [];
    let written = (): void => undefined;
    const record = (paid: PaidRequest): Promise<void> => {
      recorded.push(paid);
      return new Promise((resolve) => (written = resolve));
    };
    const budget = budgetOf({}, { record });
    const reservation = await budget.reserve(ceiling(10), NEVER);
    const settled = reservation.settle({ promptTokens: 4, completionTokens: 3 });
    assert.equal(budget.spent.tokens, 7);
    assert.equal(await stateOf(settled), 'waits');
    written();
    // 4 x 1 / 1e6 + 3 x 2 / 1e6
    assert.equal(await settled, 10e-6);
    assert.deepEqual(recorded, [{ model: 'judge', promptTokens: 4, completionTokens: 3, costUsd: 10e-6 }]);
  });

  it('takes a reservation back once, whatever is called on it afterwards', async () => {
    const budget = budgetOf({ tokens: 10 }, { record: () => Promise.reject(new Error('disk full')) });
    const first = await budget.reserve(ceiling(5), NEVER);
    await assert.rejects(first.settle(used(5)), /disk full/);
    first.cancel();
    first.cancel();
    assert.deepEqual(budget.spent.tokens, 5);
    // Had the room been given back twice, 5 spent and 10 held would seem to fit.
    await budget.reserve(ceiling(5), NEVER);
    assert.equal(await stateOf(budget.reserve(ceiling(5), new AbortController().signal)), 'waits');
  });

  it('lets those behind go when one that waits is called off', async () => {
    const budget = budgetOf({ tokens: 100 });
    await budget.reserve(ceiling(50), NEVER);
    const stop = new AbortController();
    const large = budget.reserve(ceiling(80), stop.signal);
    const small = budget.reserve(ceiling(10), NEVER);
    assert.equal(await stateOf(small), 'waits');
    const reason = new Error('enough');
    stop.abort(reason);
    await assert.rejects(large, reason);
    assert.equal(await stateOf(small), 'done');
    await assert.rejects(budget.reserve(ceiling(1), stop.signal), reason);
  });

  it('never exceeds a cap by more than one request, uses all of it, and leaves no request waiting', async () => {
    const requests = fc.array(
      fc.record({
        ceiling: fc.integer({ min: 1, max: 100 }),
        /** Of the ceiling, what is used. */
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        fails: fc.boolean(),
        /** Requests that come before the next one in flight ends. */
        comeWith: fc.integer({ min: 1, max: 5 }),
        /** Which one in flight ends. */
        ends: fc.nat(),
      }),
      { minLength: 1, maxLength: 30 },
    );
    const caps = fc.record({
      tokens: fc.integer({ min: 1, max: 600 }),
      calls: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(requests, caps, async (plan, { tokens, calls }) => {
        const budget = budgetOf({ tokens, calls });
        const inFlight: { reservation: Reservation; ceiling: number; used: number; fails: boolean }[] = [];
        let nRefused = 0;
        let nEnded = 0;
        let largest = 0;
        const coming = [...plan];
        while (nEnded + nRefused < plan.length) {
          for (const request of coming.splice(0, coming[0]?.comeWith ?? 0)) {
            const { ceiling: most, share, fails } = request;
            budget.reserve(ceiling(most), NEVER).then(
              (reservation) => {
                inFlight.push({ reservation, ceiling: most, used: Math.floor(share * most), fails });
              },
              (thrown: unknown) => {
                assert.ok(thrown instanceof BudgetError);
                nRefused++;
              },
            );
          }
          await nextTurn();
          const held = inFlight.reduce((sum, one) => sum + one.ceiling, 0);
          if (inFlight.length > 1) {
            assert.ok(budget.spent.tokens + held <= tokens, 'what is in flight counts');
            assert.ok(budget.spent.calls + inFlight.length <= calls);
          }
          const [ended] = inFlight.splice((plan[nEnded]?.ends ?? 0) % Math.max(1, inFlight.length), 1);
          if (!ended) {
            // Nothing is in flight: either somebody comes yet, or all that waited were refused.
            assert.ok(coming.length > 0 || nEnded + nRefused === plan.length, 'somebody waits for ever');
            continue;
          }
          nEnded++;
          if (ended.fails) ended.reservation.cancel();
          else {
            largest = Math.max(largest, ended.used);
            await ended.reservation.settle(used(ended.used));
          }
        }
        assert.ok(budget.spent.tokens < tokens + Math.max(1, largest));
        assert.ok(budget.spent.calls <= calls);
        if (nRefused > 0) assert.ok(budget.spent.tokens >= tokens || budget.spent.calls >= calls);
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

describe('what a ledger amounts to', () => {
  it('counts what had no price at the price of today', () => {
    const entry = { iteration: 1, stage: 'judge', requests: 2, promptTokens: 1000, completionTokens: 500 };
    const entries = [
      { ...entry, model: 'judge', costUsd: 0.5 },
      { ...entry, model: 'judge', costUsd: null },
      { ...entry, model: 'nobody', costUsd: null },
    ];
    // 0.5 as it was paid, 0.002 as in the test of prices, and nothing.
    assert.deepEqual(amountsOf(entries, new Prices(TABLE)), { costUsd: 0.502, tokens: 4500, calls: 6 });
  });
});
