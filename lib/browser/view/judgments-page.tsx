// The judgments of a run: filtered, paged, and one of them with its texts.
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import {
  CHANGES,
  OUTCOMES,
  PAIR_OUTCOMES,
  type CataloguedJudgment,
  type FilteredJudgments,
} from '../../src/view/view-records.js';
import { findJudgments } from './api.js';
import { hashOf, type JudgmentFilter, type Place } from './filter.js';
import { JudgmentDetails } from './judgment-details.js';
import { percentOf } from './words.js';

type JudgmentsPlace = Extract<Place, { page: 'judgments' }>;

const LIMIT = 100;

function goTo(place: JudgmentsPlace): void {
  location.hash = hashOf(place);
}

export function JudgmentsPage({ place }: { place: JudgmentsPlace }) {
  const { run, filter, offset, row } = place;
  const [found, setFound] = useState<FilteredJudgments | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const asked = JSON.stringify({ run, filter, offset });
  useEffect(() => {
    const stop = new AbortController();
    findJudgments({ run, filter, offset, limit: LIMIT }, stop.signal).then(
      (answer) => {
        setFound(answer);
        setProblem(null);
      },
      (thrown: unknown) => {
        if (!stop.signal.aborted) setProblem(String(thrown));
      },
    );
    return () => {
      stop.abort();
    };
  }, [asked]);
  // In place as soon as what it is about is drawn, so that no key is lost.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (target.closest('input, select, textarea') || event.ctrlKey || event.metaKey || event.altKey) return;
      const step =
        event.key === 'j' || event.key === 'n' ? 1 : event.key === 'k' || event.key === 'p' ? -1 : 0;
      if (step === 0 || !found) return;
      const at = found.judgments.findIndex((each) => each.row === row);
      const next = found.judgments[at === -1 ? 0 : at + step];
      if (next) goTo({ ...place, row: next.row });
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  }, [found, row, asked]);
  return (
    <>
      <h1>
        Judgments <small>{run}</small>
      </h1>
      <Filters place={place} found={found} />
      {problem === null ? null : <p role="alert">{problem}</p>}
      <p aria-live="polite">
        {found === null
          ? 'reading the judgments…'
          : `${found.isWhole ? '' : 'at least '}${found.total.toLocaleString('en')} of ${found.nAll.toLocaleString('en')} judgments`}
        {found?.total === 0 ? '. None passes the filters.' : null}
        {found && found.total > 0 ? <Pager place={place} found={found} /> : null}
      </p>
      <div class="panes">
        {found && found.total > 0 ? <JudgmentTable place={place} judgments={found.judgments} /> : null}
        {row === null ? null : <JudgmentDetails run={run} row={row} />}
      </div>
    </>
  );
}

function Pager({ place, found }: { place: JudgmentsPlace; found: FilteredJudgments }) {
  const { offset } = place;
  const to = (start: number) => hashOf({ ...place, offset: start, row: null });
  return (
    <nav class="pager" aria-label="Pages">
      {offset > 0 ? <a href={to(Math.max(0, offset - LIMIT))}>before</a> : null}{' '}
      {`${offset + 1} to ${offset + found.judgments.length}`}{' '}
      {offset + LIMIT < found.total ? <a href={to(offset + LIMIT)}>next</a> : null}
    </nav>
  );
}

function Filters({ place, found }: { place: JudgmentsPlace; found: FilteredJudgments | null }) {
  const { filter } = place;
  const change = (changed: Partial<Record<keyof JudgmentFilter, unknown>>): void => {
    const next = Object.fromEntries(
      Object.entries({ ...filter, ...changed }).filter(([, value]) => value !== undefined && value !== ''),
    ) as JudgmentFilter;
    goTo({ ...place, filter: next, offset: 0, row: null });
  };
  const facets = found?.facets;
  const one = (
    key: keyof JudgmentFilter,
    label: string,
    {
      names,
      isList = true,
      isNumber = false,
    }: { names: readonly string[]; isList?: boolean; isNumber?: boolean },
  ) => {
    const value = filter[key];
    const shown = value === undefined ? '' : String(Array.isArray(value) ? value[0] : value);
    return (
      <label>
        {label}{' '}
        <select
          value={shown}
          onChange={({ currentTarget: { value: chosen } }) => {
            const typed = isNumber ? Number(chosen) : chosen;
            change({ [key]: chosen === '' ? undefined : isList ? [typed] : typed });
          }}
        >
          <option value="">any</option>
          {[...new Set([...names, ...(shown === '' ? [] : [shown])])].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    );
  };
  return (
    <form
      class="filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      {one('kind', 'Kind', { names: ['held-out', 'training'], isList: false })}
      {one('iteration', 'Iteration', { names: Object.keys(facets?.iteration ?? {}), isNumber: true })}
      {one('slice', 'Slice', { names: Object.keys(facets?.slice ?? {}) })}
      {one('errorKind', 'Kind of error', { names: Object.keys(facets?.errorKind ?? {}) })}
      {one('order', 'Order', { names: ['winner-first', 'loser-first'], isList: false })}
      {one('verdict', 'Verdict', { names: Object.keys(facets?.verdict ?? {}) })}
      {one('outcome', 'Outcome', { names: OUTCOMES })}
      {one('bothOrders', 'Both orders', { names: PAIR_OUTCOMES })}
      {one('sinceSeed', 'Since the seed', { names: CHANGES })}
      {one('sinceBefore', 'Since the iteration before', { names: CHANGES })}
      <label>
        Votes for the winner, at most %{' '}
        <input
          type="number"
          min="0"
          max="100"
          value={filter.mostWinnerVotes === undefined ? '' : 100 * filter.mostWinnerVotes}
          onChange={({ currentTarget: { value } }) =>
            change({
              mostWinnerVotes: value === '' ? undefined : Math.min(1, Math.max(0, Number(value) / 100)),
            })
          }
        />
      </label>
      <label>
        Text{' '}
        <input
          type="search"
          value={filter.text ?? ''}
          onChange={({ currentTarget: { value } }) => change({ text: value })}
        />
      </label>
      <button type="button" onClick={() => goTo({ ...place, filter: {}, offset: 0, row: null })}>
        clear
      </button>
    </form>
  );
}

const TITLES = [
  ...['Pair', 'Verdict', 'Outcome', 'Order', 'Iteration', 'Of', 'Slice', 'Kind of error'],
  ...['Votes, %', 'Since the seed'],
] as const;
const NUMBERS: ReadonlySet<string> = new Set(['Iteration', 'Votes, %']);

/** Keeps what is chosen in sight while keys go on. */
function intoView(row: Element | null): void {
  row?.scrollIntoView({ block: 'nearest' });
}

function JudgmentTable({
  place,
  judgments,
}: {
  place: JudgmentsPlace;
  judgments: readonly CataloguedJudgment[];
}) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Judgments">
      <table>
        <thead>
          <tr>
            {TITLES.map((title) => (
              <th key={title} class={NUMBERS.has(title) ? 'number' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {judgments.map((judgment) => {
            const { row, source, subject, order, sampleIndex, verdict, outcome, winnerVotes, sinceSeed } =
              judgment;
            return (
              <tr
                key={row}
                ref={row === place.row ? intoView : null}
                class={outcome}
                aria-current={row === place.row ? 'true' : undefined}
              >
                <th scope="row">
                  <a href={hashOf({ ...place, row })}>{subject.id}</a>
                </th>
                <td>{verdict}</td>
                <td class="verdict">{outcome}</td>
                <td>{order}</td>
                <td class="number">{source.iteration}</td>
                <td>
                  {source.benchmark ?? source.kind}
                  {sampleIndex === null ? '' : `, sample ${sampleIndex}`}
                </td>
                <td>{subject.slice}</td>
                <td>{subject.errorKind}</td>
                <td class="number">{winnerVotes === null ? '' : percentOf(winnerVotes)}</td>
                <td>{sinceSeed === 'new' ? '' : sinceSeed}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
