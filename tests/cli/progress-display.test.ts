import assert from 'node:assert/strict';
import { ProgressDisplay, progressLine } from '../../lib/src/cli/progress-display.js';
import type { StageProgress } from '../../lib/src/experiment/index.js';
import { NO_USAGE, type Usage } from '../../lib/src/schema/index.js';

const PROGRESS: StageProgress = {
  iteration: 2,
  stage: 'judge',
  done: 250,
  total: 1000,
  elapsedMs: 5000,
  usage: { ...NO_USAGE, promptTokens: 1000, completionTokens: 2500 },
};

function shown(isTTY: boolean): { display: ProgressDisplay; text: () => string; pass: (ms: number) => void } {
  let text = '';
  let now = 0;
  const stream = { isTTY, columns: 40, write: (chunk: string) => (text += chunk) };
  return { display: new ProgressDisplay(stream, () => now), text: () => text, pass: (ms) => (now += ms) };
}

describe('progress', () => {
  it('shows done, total, rate, time left and tokens', () => {
    assert.equal(progressLine(PROGRESS), 'iteration 2  judge     250/1,000  50/s  15.0 s left  3,500 tokens');
  });

  it('claims neither a total nor a time left where there is none', () => {
    assert.equal(
      progressLine({ ...PROGRESS, total: null, elapsedMs: 0, done: 0 }),
      'iteration 2  judge     0  0/s  3,500 tokens',
    );
  });

  it('shows retries and cost once there are any', () => {
    const line = (parts: Partial<Usage>): string =>
      progressLine({ ...PROGRESS, usage: { ...PROGRESS.usage, ...parts } });
    assert.match(line({ retries: 1200, costUsd: 0.417 }), /3,500 tokens {2}1,200 retries {2}\$0\.42$/);
    assert.match(line({ retries: 1 }), /3,500 tokens {2}1 retry$/);
    // Nothing that was asked has a price.
    assert.match(line({ costUsd: null }), /3,500 tokens$/);
  });

  it('goes at the rate of the last seconds where that is known', () => {
    const line = progressLine({ ...PROGRESS, recentPerSecond: 5, leftMs: 150_000 });
    assert.equal(line, 'iteration 2  judge     250/1,000  5/s  2 min 30 s left  3,500 tokens');
    const stalled = progressLine({ ...PROGRESS, recentPerSecond: 0, leftMs: null });
    assert.equal(stalled, 'iteration 2  judge     250/1,000  0/s  3,500 tokens');
  });

  it('leaves out what matters least where the terminal is narrow', () => {
    const progress = { ...PROGRESS, usage: { ...PROGRESS.usage, retries: 12, costUsd: 0.42 } };
    const whole = progressLine(progress);
    const parts = [/ {2}3,500 tokens/, / {2}12 retries/, / {2}\$0\.42/, / {2}50\/s/, / {2}15\.0 s left/];
    let expected = whole;
    for (const part of parts) {
      assert.equal(progressLine(progress, { width: expected.length }), expected);
      const shorter = expected.replace(part, '');
      assert.equal(progressLine(progress, { width: expected.length - 1 }), shorter);
      expected = shorter;
    }
    assert.equal(expected, 'iteration 2  judge     250/1,000');
    assert.equal(progressLine(progress, { width: 9 }), 'iteration');
  });

  it('is one changing line on a terminal, never wider than it', () => {
    const { display, text } = shown(true);
    display.onEvent({ kind: 'progress', progress: PROGRESS });
    display.onEvent({ kind: 'progress', progress: PROGRESS });
    assert.equal(text().split('\n').length, 1);
    for (const line of text().split('\r\u001b[K')) assert.ok(line.length < 40);
    display.close();
    assert.ok(text().endsWith('\r\u001b[K'));
  });

  it('is a plain line now and then elsewhere', () => {
    const { display, text, pass } = shown(false);
    display.onEvent({ kind: 'progress', progress: PROGRESS });
    assert.equal(text(), '');
    pass(10_000);
    display.onEvent({ kind: 'progress', progress: PROGRESS });
    display.onEvent({ kind: 'progress', progress: PROGRESS });
    assert.equal(text(), `${progressLine(PROGRESS)}\n`);
  });

  it("takes a server's words without what a terminal would obey", () => {
    const line = progressLine({ ...PROGRESS, detail: 'step 1\u001b[2J\u0007\nstep 2' });
    assert.doesNotMatch(line, /\p{Cc}/u);
    assert.match(line, /step 1 \[2J step 2/);
  });

  it('has the time of a training whose trainer says nothing new', () => {
    const line = (elapsedMs: number): string => progressLine({ ...PROGRESS, detail: 'running', elapsedMs });
    assert.match(line(12_300), /12\.3 s {2}running$/);
    assert.notEqual(line(12_300), line(22_300));
  });
});
