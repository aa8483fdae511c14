// All runs and matrices below the folder of results: sorted, searched, picked to be compared, looked at while they work.
import { useEffect, useState } from 'preact/hooks';
import type { Listed, ListedRun } from '../../src/view/view-records.js';
import { followRuns } from './api.js';
import { folderOf, ResultRow, type Row } from './run-row.js';
import { runsHash, type RunsQuery } from './runs-query.js';
import { SHARED } from './shared.js';

/** The worst last. */
const LEVELS = ['green', 'unknown', 'amber', 'red'];

type Sorted = string | number;

/** What rows are sorted by; a matrix has no judge of its own. */
const COLUMNS: Readonly<Record<string, { title: string; of: (row: Row) => Sorted }>> = {
  run: { title: 'Run', of: folderOf },
  accuracy: { title: 'Accuracy % [95%], n', of: ofRun(({ accuracies }) => accuracies.at(-1)?.value ?? -1) },
  curve: {
    title: 'Curve',
    of: ofRun(({ accuracies }) => (accuracies.at(-1)?.value ?? 0) - (accuracies[0]?.value ?? 0)),
  },
  trust: {
    title: 'Can its judge be trusted?',
    of: ofRun(({ assessment }) =>
      assessment && 'level' in assessment ? LEVELS.indexOf(assessment.level) : -1,
    ),
  },
  state: { title: 'State', of: ({ state }) => state },
  iteration: { title: 'Iteration', of: ofRun(({ accuracies }) => accuracies.length) },
  cost: { title: 'Cost', of: ({ costUsd }) => costUsd ?? -1 },
  // What is at work keeps its place, whichever has written last.
  updated: { title: 'Updated, UTC', of: ({ state, updatedAt }) => (state === 'running' ? '~' : updatedAt) },
};

function ofRun(of: (run: ListedRun) => Sorted): (row: Row) => Sorted {
  return (row) => (row.kind === 'run' ? of(row) : -2);
}

function goTo(query: RunsQuery): void {
  // What is typed or picked is no step to go back to.
  location.replace(runsHash(query));
}

export function RunsPage({ query }: { query: RunsQuery }) {
  const [listed, setListed] = useState<Listed[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => followRuns({ list: setListed, problem: setProblem }), []);
  const all = listed ?? [];
  const rows = all.filter((each) => each.kind !== 'unreadable');
  const unreadable = all.filter((each) => each.kind === 'unreadable');
  const shown = sorted(
    rows.filter((row) => passes(row, query)),
    query.sort,
  );
  return (
    <>
      <h1>Runs</h1>
      {problem === null ? null : <p role="alert">{problem}</p>}
      <Filters query={query} rows={rows} />
      <p aria-live="polite">{listed === null ? 'loading…' : `${shown.length} of ${rows.length}`}</p>
      <Picked query={query} rows={rows} />
      {listed !== null && rows.length === 0 ? (
        <p>
          No run yet. Start one: <code>npx autodidact run experiments/quickstart.yaml</code>
        </p>
      ) : (
        <RunTable rows={shown} query={query} />
      )}
      {unreadable.length === 0 ? null : (
        <>
          <h2>{`${unreadable.length} that cannot be shown`}</h2>
          <ul>
            {unreadable.map(({ folder, reason }) => (
              <li key={folder}>
                <strong>{folder}</strong>: {reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function passes(row: Row, { experiment, state, search }: RunsQuery): boolean {
  const arms = row.kind === 'matrix' ? row.arms.map(({ label }) => label) : [];
  return (
    (experiment === '' || row.experiment === experiment) &&
    (state === '' || row.state === state) &&
    [folderOf(row), ...arms].some((name) => name.toLowerCase().includes(search.toLowerCase()))
  );
}

function sorted(rows: readonly Row[], sort: string): Row[] {
  const of = COLUMNS[sort.replace(/^-/, '')]?.of ?? folderOf;
  const sign = sort.startsWith('-') ? -1 : 1;
  const compared = (a: Sorted, b: Sorted): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...rows].sort((a, b) => sign * compared(of(a), of(b)) || compared(folderOf(a), folderOf(b)));
}

function Filters({ query, rows }: { query: RunsQuery; rows: readonly Row[] }) {
  const choice = (key: 'experiment' | 'state', label: string) => (
    <label>
      {label}{' '}
      <select
        value={query[key]}
        onChange={({ currentTarget: { value } }) => goTo({ ...query, [key]: value })}
      >
        <option value="">any</option>
        {[...new Set([...rows.map((each) => each[key]), ...(query[key] === '' ? [] : [query[key]])])]
          .sort()
          .map((name) => (
            <option key={name}>{name}</option>
          ))}
      </select>
    </label>
  );
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label>
        Search{' '}
        <input
          type="search"
          value={query.search}
          onInput={({ currentTarget: { value } }) => goTo({ ...query, search: value })}
        />
      </label>
      {choice('experiment', 'Experiment')}
      {choice('state', 'State')}
    </form>
  );
}

/** What can be done with the runs that are picked. */
function Picked({ query, rows }: { query: RunsQuery; rows: readonly Row[] }) {
  const { picked } = query;
  if (picked.length === 0 || SHARED) return null;
  const judges = picked.map((run) => {
    const found = rows.find((row) => folderOf(row) === run);
    return `${run}@${found?.kind === 'run' ? found.accuracies.length - 1 : 0}`;
  });
  const [a = '', b = ''] = judges;
  const report = new URLSearchParams(picked.map((run) => ['run', run])).toString();
  return (
    <p class="picked">
      Picked: {picked.join(', ')}
      {picked.length === 1 ? '; pick another one to compare. ' : '. '}
      {picked.length === 2 ? (
        <a href={`#/compare?${new URLSearchParams({ a, b }).toString()}`}>compare item by item</a>
      ) : null}{' '}
      {picked.length > 1 ? <a href={`report?${report}`}>report side by side</a> : null}{' '}
      <button onClick={() => goTo({ ...query, picked: [] })}>pick none</button>
    </p>
  );
}

function RunTable({ rows, query }: { rows: readonly Row[]; query: RunsQuery }) {
  const { sort, picked } = query;
  const toggled = (run: string): string[] =>
    picked.includes(run) ? picked.filter((each) => each !== run) : [...picked, run];
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Runs">
      <table class="runs">
        <thead>
          <tr>
            {Object.entries(COLUMNS).map(([name, { title }]) => {
              const isSorted = sort.replace(/^-/, '') === name;
              const order = !isSorted ? 'none' : sort.startsWith('-') ? 'descending' : 'ascending';
              return (
                <th key={name} scope="col" aria-sort={order}>
                  <button onClick={() => goTo({ ...query, sort: order === 'ascending' ? `-${name}` : name })}>
                    {title}
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const place = folderOf(row);
            const pick = {
              is: picked.includes(place),
              toggle: () => goTo({ ...query, picked: toggled(place) }),
            };
            return <ResultRow key={place} row={row} pick={pick} />;
          })}
        </tbody>
      </table>
    </div>
  );
}
