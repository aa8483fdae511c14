// All runs below the folder of results: sorted, searched, looked at while they work.
import { useEffect, useState } from 'preact/hooks';
import type { ListedRun } from '../../src/view/view-records.js';
import { followRuns, stopRun } from './api.js';
import { againstSeed, hashOf } from './filter.js';
import { percentOf, withInterval } from './words.js';

const COLUMNS = {
  run: { title: 'Run', of: ({ run }: ListedRun) => run },
  state: { title: 'State', of: ({ state }: ListedRun) => state },
  iteration: { title: 'Iteration', of: ({ accuracies }: ListedRun) => accuracies.length },
  accuracy: {
    title: 'Accuracy % [95%], n',
    of: ({ accuracies }: ListedRun) => accuracies.at(-1)?.value ?? -1,
  },
  cost: { title: 'Cost, US$', of: ({ costUsd }: ListedRun) => costUsd ?? -1 },
  updated: { title: 'Updated', of: ({ updatedAt }: ListedRun) => updatedAt },
} as const;
type ColumnName = keyof typeof COLUMNS;

export function RunsPage() {
  const [runs, setRuns] = useState<ListedRun[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<{ by: ColumnName; isDown: boolean }>({ by: 'updated', isDown: true });
  useEffect(() => followRuns({ list: setRuns, problem: setProblem }), []);
  const shown = sorted(
    (runs ?? []).filter(({ run }) => run.includes(search)),
    sort,
  );
  return (
    <>
      <h1>Runs</h1>
      {problem === null ? null : <p role="alert">{problem}</p>}
      <p>
        <label>
          Search{' '}
          <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
        </label>{' '}
        {runs === null ? 'loading…' : `${shown.length} of ${runs.length}`}
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Runs">
        <table>
          <thead>
            <tr>
              {(Object.keys(COLUMNS) as ColumnName[]).map((name) => (
                <th
                  key={name}
                  aria-sort={sort.by !== name ? 'none' : sort.isDown ? 'descending' : 'ascending'}
                >
                  <button onClick={() => setSort({ by: name, isDown: sort.by === name && !sort.isDown })}>
                    {COLUMNS[name].title}
                  </button>
                </th>
              ))}
              <th>Curve</th>
              <th>Open</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((run) => (
              <RunRow key={run.run} run={run} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function sorted(
  runs: readonly ListedRun[],
  { by, isDown }: { by: ColumnName; isDown: boolean },
): ListedRun[] {
  const { of } = COLUMNS[by];
  const sign = isDown ? -1 : 1;
  return [...runs].sort((a, b) => (of(a) < of(b) ? -sign : of(a) > of(b) ? sign : 0));
}

function RunRow({
  run: { run, state, stage, accuracies, nIterations, costUsd, updatedAt, lastError },
}: {
  run: ListedRun;
}) {
  const last = accuracies.at(-1);
  const judgments = hashOf({ page: 'judgments', run, filter: {}, offset: 0, row: null });
  return (
    <tr>
      <th scope="row">{run}</th>
      <td>
        {state}
        {stage === null ? null : (
          <small>
            {' '}
            {stage.name} of {stage.iteration}, {stage.done}/{stage.total ?? '?'}
          </small>
        )}
        {lastError === null || state === 'finished' ? null : <small title={lastError}> last error</small>}
      </td>
      <td>{accuracies.length === 0 ? '–' : `${accuracies.length - 1}/${nIterations}`}</td>
      <td>{last ? withInterval(last) : '–'}</td>
      <td>{costUsd === null ? '–' : costUsd.toFixed(2)}</td>
      <td>{updatedAt.slice(0, 16).replace('T', ' ')}</td>
      <td>
        <Curve values={accuracies.map(({ value }) => value)} />
      </td>
      <td>
        {state === 'running' ? (
          <button
            onClick={() => {
              if (confirm(`Stop ${run}? The same command continues it.`)) void stopRun(run);
            }}
          >
            stop
          </button>
        ) : null}{' '}
        <a href={judgments}>judgments</a>{' '}
        {accuracies.length < 2 ? null : (
          <a href={hashOf(againstSeed(run, accuracies.length - 1))}>compare with seed</a>
        )}{' '}
        <a href={hashOf({ page: 'review', run })}>review</a>{' '}
        <a href={`report?run=${encodeURIComponent(run)}`}>report</a>
      </td>
    </tr>
  );
}

/** Accuracies from 0 to 1 as a small line. */
function Curve({ values }: { values: readonly (number | null)[] }) {
  const known = values.flatMap((value, i) => (value === null ? [] : [{ value, i }]));
  const alt = values.map((value) => percentOf(value)).join(', ');
  const width = 80;
  const x = (i: number): number =>
    values.length < 2 ? width / 2 : (i * (width - 4)) / (values.length - 1) + 2;
  const points = known.map(({ value, i }) => `${x(i)},${(22 - 20 * value).toFixed(1)}`).join(' ');
  return (
    <svg class="curve" viewBox={`0 0 ${width} 24`} role="img" aria-label={`Accuracy by iteration: ${alt}`}>
      <line x1="0" x2={width} y1="12" y2="12" class="half" />
      <polyline points={points} />
    </svg>
  );
}
