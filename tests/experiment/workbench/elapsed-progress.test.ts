import assert from 'node:assert/strict';
import { withElapsed } from '../../../lib/src/experiment/workbench/elapsed-progress.js';
import { runLine } from '../../../lib/src/experiment/workbench/notebook-run.js';
import { NO_USAGE } from '../../../lib/src/schema/usage.js';

describe('the progress of a run in a cell', () => {
  it('moves while the run is silent, and stops when it ends or fails', async () => {
    const lines: string[] = [];
    const silent = async (say: (line: string) => void): Promise<never> => {
      say('finetune');
      await new Promise<void>((resolve) => (onFourth = resolve));
      throw new Error('stopped');
    };
    let onFourth = (): void => undefined;
    const put = (line: string): void => {
      if (lines.push(line) === 4) onFourth();
    };
    await assert.rejects(withElapsed(put, silent, 1), /stopped/);
    const nShown = lines.length;
    assert.deepEqual(lines.slice(0, 2), ['starting (0 s)', 'finetune (0 s)']);
    assert.match(lines[3] ?? '', /^finetune \(\d+ s\)$/);
    // A timer that was left running would fire before these of the same length.
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(lines.length, nShown);
  });

  it('has the message of the trainer, on one line', () => {
    const amounts = {
      iteration: 0,
      stage: 'finetune' as const,
      done: 0,
      total: null,
      elapsedMs: 1,
      usage: NO_USAGE,
    };
    const line = runLine({ kind: 'progress', progress: { ...amounts, detail: 'Step 3/12:\nloss=0.5' } });
    assert.equal(line, 'iteration 0, finetune Step 3/12: loss=0.5');
    const judged = { ...amounts, stage: 'judge' as const, done: 5, total: 1200 };
    assert.equal(runLine({ kind: 'progress', progress: judged }), 'iteration 0, judge 5 of 1,200');
  });
});
