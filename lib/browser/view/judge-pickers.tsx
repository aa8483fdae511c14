// Which two judges are compared: a run and an iteration for each.
import { useEffect } from 'preact/hooks';
import type { ComparedJudges, ComparedSide } from '../../src/view/compare-records.js';
import { listRuns } from './api.js';
import { hashOf, type ComparePlace, type JudgeAt } from './filter.js';
import { NoSuchRun } from './list-controls.js';
import { SHARED } from './shared.js';
import { useAnswer } from './use-answer.js';

export function JudgePickers({ place, answer }: { place: ComparePlace; answer: ComparedJudges | null }) {
  const { a, b } = place;
  const { answer: listed, problem } = useAnswer(SHARED ? null : 'runs', listRuns);
  const runs = (listed ?? [])
    .filter((each) => each.kind === 'run')
    .filter(({ accuracies }) => accuracies.length > 0);
  const choose = (judges: { a: JudgeAt | null; b: JudgeAt | null }, isReplaced = false): void => {
    const hash = hashOf({ ...place, ...judges, filter: {}, offset: 0, row: null });
    if (isReplaced) location.replace(hash);
    else location.hash = hash;
  };
  const lastOf = (run: string): number | null => {
    const found = runs.find((each) => each.run === run);
    return found ? found.accuracies.length - 1 : null;
  };
  // An address may name a run alone: its last iteration is meant.
  useEffect(() => {
    const whole = (judge: JudgeAt | null) =>
      judge && { ...judge, iteration: judge.iteration ?? lastOf(judge.run) };
    const judges = { a: whole(a), b: whole(b) };
    if (JSON.stringify(judges) !== JSON.stringify({ a, b })) choose(judges, true);
  }, [listed]);
  const picker = (name: 'a' | 'b', side: ComparedSide | undefined) => {
    const judge = place[name];
    const pick = (next: JudgeAt | null): void => choose({ a, b, [name]: next });
    const others = judge && !runs.some(({ run }) => run === judge.run) ? [judge.run] : [];
    return (
      <fieldset>
        <legend>{name === 'a' ? 'Judge 1, the baseline' : 'Judge 2'}</legend>
        <label>
          Run{' '}
          <select
            value={judge?.run ?? ''}
            onChange={({ currentTarget: { value: run } }) =>
              pick(run === '' ? null : { run, iteration: lastOf(run), benchmark: null })
            }
          >
            <option value="">choose</option>
            {[...others, ...runs.map(({ run }) => run)].map((run) => (
              <option key={run}>{run}</option>
            ))}
          </select>
        </label>
        {judge ? (
          <label>
            Iteration{' '}
            <select
              value={judge.iteration ?? ''}
              onChange={({ currentTarget: { value } }) => pick({ ...judge, iteration: Number(value) })}
            >
              {Array.from({ length: (lastOf(judge.run) ?? judge.iteration ?? 0) + 1 }, (_, iteration) => (
                <option key={iteration} value={iteration}>
                  {iteration === 0 ? '0, the seed' : iteration}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        {judge && side && side.benchmarks.length > 1 ? (
          <label>
            Benchmark{' '}
            <select
              value={side.benchmark ?? ''}
              onChange={({ currentTarget: { value } }) => pick({ ...judge, benchmark: value })}
            >
              {side.benchmarks.map((benchmark) => (
                <option key={benchmark}>{benchmark}</option>
              ))}
            </select>
          </label>
        ) : null}
      </fieldset>
    );
  };
  if (SHARED)
    return (
      <p>
        {[a, b].map((judge, i) => `Judge ${i + 1}: ${judge?.run}, iteration ${judge?.iteration}`).join('; ')}
      </p>
    );
  return (
    <form class="filters judges" aria-label="Judges" onSubmit={(event) => event.preventDefault()}>
      {problem === null ? null : <p role="alert">{problem}</p>}
      {[a, b].map((judge, i) =>
        judge?.iteration === null ? <NoSuchRun key={i} run={judge.run} listed={listed} /> : null,
      )}
      {picker('a', answer?.a)}
      {picker('b', answer?.b)}
      <button type="button" onClick={() => choose({ a: b, b: a })}>
        swap
      </button>
    </form>
  );
}
