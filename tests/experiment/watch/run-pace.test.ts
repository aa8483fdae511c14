import assert from 'node:assert/strict';
import { runLeftText } from '../../../lib/src/cli/progress-display.js';
import type { Stage, StageProgress } from '../../../lib/src/experiment/watch/events.js';
import { RunPace } from '../../../lib/src/experiment/watch/run-pace.js';
import { NO_USAGE } from '../../../lib/src/schema/index.js';

const at = (iteration: number, stage: Stage, more: Partial<StageProgress> = {}): StageProgress => ({
  iteration,
  stage,
  done: 0,
  total: 100,
  elapsedMs: 0,
  usage: NO_USAGE,
  ...more,
});

/** A pace that has seen stages take these milliseconds. */
function paceAfter(stages: Partial<Record<Stage, number>>, usage = NO_USAGE): RunPace {
  const pace = new RunPace(2);
  for (const [stage, wallMs] of Object.entries(stages)) {
    const record = { stage: stage as Stage, nInput: 1, nKept: 1, drops: {}, wallMs, usage };
    pace.onEvent({ kind: 'stage-finished', iteration: 1, wasDone: false, record });
  }
  return pace;
}

describe('what is left of a run', () => {
  it('is not said before anything was measured', () => {
    assert.equal(new RunPace(2).left(at(0, 'evaluate')), null);
    assert.equal(runLeftText(null), '');
  });

  it('is the rest of the stage at work, and of stages to come what they took before', () => {
    const pace = paceAfter({ generate: 10_000, judge: 20_000, finetune: 30_000, evaluate: 5000 });
    // 75% of a stage that took 2 s for 25 of 100 are left, then judge, finetune and evaluate, and a whole iteration.
    const left = pace.left(at(1, 'generate', { done: 25, elapsedMs: 2000 }));
    assert.deepEqual(left, { ms: 6000 + 55_000 + 65_000, unmeasured: [] });
    assert.equal(runLeftText(left), '  run: about 2 min 6 s left');
    assert.deepEqual(pace.left(at(2, 'filter')), { ms: 35_000, unmeasured: [] });
    assert.deepEqual(pace.left(at(2, 'evaluate', { elapsedMs: 1000 })), { ms: 4000, unmeasured: [] });
  });

  it('names stages that were not measured yet', () => {
    const left = paceAfter({ evaluate: 5000 }).left(at(1, 'generate', { done: 50, elapsedMs: 1000 }));
    assert.deepEqual(left, { ms: 1000 + 2 * 5000, unmeasured: ['judge', 'finetune', 'generate'] });
    assert.equal(
      runLeftText(left),
      '  run: about 11.0 s left and judge, finetune, generate, not measured yet',
    );
  });

  it('measures the evaluations of several benchmarks one by one', () => {
    const pace = new RunPace(1, ['a', 'b']);
    const usage = NO_USAGE;
    for (const [benchmark, wallMs] of [
      ['a', 1000],
      ['b', 300],
    ] as const) {
      const record = { stage: 'evaluate', benchmark, nInput: 1, nKept: 1, drops: {}, wallMs, usage };
      pace.onEvent({ kind: 'stage-finished', iteration: 0, wasDone: false, record });
    }
    assert.deepEqual(pace.left(at(1, 'evaluate', { benchmark: 'a', elapsedMs: 400 })), {
      ms: 900,
      unmeasured: [],
    });
    assert.deepEqual(pace.left(at(1, 'evaluate', { benchmark: 'b' })), { ms: 300, unmeasured: [] });
  });

  it('counts the audit of every judge where there is one', () => {
    const pace = new RunPace(1, [undefined], true);
    const record = { nInput: 1, nKept: 1, drops: {}, usage: NO_USAGE };
    const finished = (stage: Stage, wallMs: number): void => {
      const event = { kind: 'stage-finished', iteration: 0, wasDone: false } as const;
      pace.onEvent({ ...event, record: { ...record, stage, wallMs } });
    };
    finished('evaluate', 1000);
    assert.deepEqual(pace.left(at(1, 'evaluate'))?.unmeasured, ['audit']);
    finished('audit', 300);
    assert.deepEqual(pace.left(at(1, 'filter')), { ms: 1300, unmeasured: ['finetune'] });
    assert.deepEqual(pace.left(at(1, 'audit', { elapsedMs: 100 })), { ms: 200, unmeasured: [] });
  });

  it('does not measure stages that the completion store answered', () => {
    const stored = { ...NO_USAGE, cachedCompletions: 10, completions: 1 };
    assert.equal(
      paceAfter({ judge: 5 }, stored).left(at(1, 'judge', { done: 9, elapsedMs: 5, usage: stored })),
      null,
    );
  });
});
