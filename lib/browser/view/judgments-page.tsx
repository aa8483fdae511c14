// The judgments of a run: filtered, paged, and one of them with its texts.
import { count, percent } from '../../src/report/format.js';
import {
  CHANGES,
  OUTCOMES,
  PAIR_OUTCOMES,
  type CataloguedJudgment,
  type FilteredJudgments,
} from '../../src/view/view-records.js';
import { findJudgments } from './api.js';
import { againstSeed, hashOf, type JudgmentFilter, type Place } from './filter.js';
import { JudgmentDetails } from './judgment-details.js';
import { Choice, Pager, TextFilter } from './list-controls.js';
import { SHARED } from './shared.js';
import { useSteps } from './steps.js';
import { useAnswer } from './use-answer.js';

type JudgmentsPlace = Extract<Place, { page: 'judgments' }>;

const LIMIT = 100;

function goTo(place: JudgmentsPlace): void {
  location.hash = hashOf(place);
}

export function JudgmentsPage({ place }: { place: JudgmentsPlace }) {
  const { run, filter, offset, row } = place;
  const { answer, isCurrent, problem } = useAnswer(JSON.stringify({ run, filter, offset }), (signal) =>
    findJudgments({ run, filter, offset, limit: LIMIT }, signal),
  );
  useSteps({
    rows: answer && isCurrent ? answer.judgments.map((each) => each.row) : null,
    row,
    offset,
    limit: LIMIT,
    total: answer?.total ?? 0,
    go: (to) => goTo({ ...place, ...to }),
  });
  const [chosen = null, ...others] = filter.iteration ?? [];
  const last = Math.max(0, ...Object.keys(answer?.facets.iteration ?? {}).map(Number));
  const compared = others.length === 0 ? (chosen ?? last) : last;
  return (
    <>
      <h1>
        Judgments <small>{run}</small>
      </h1>
      {compared > 0 && !SHARED ? (
        <p>
          <a href={hashOf(againstSeed(run, compared))}>{`compare iteration ${compared} with the seed`}</a>
        </p>
      ) : null}
      <Filters place={place} found={answer} />
      {problem === null ? null : <p role="alert">{problem}</p>}
      <p aria-live="polite">
        {answer === null
          ? problem === null && 'reading the judgments…'
          : `${answer.isWhole ? '' : 'at least '}${count(answer.total)} of ${count(answer.nAll)} judgments`}
        {answer?.total === 0 ? '. None passes the filters.' : null}
        {answer && answer.total > 0 ? (
          <Pager
            offset={offset}
            limit={LIMIT}
            nShown={answer.judgments.length}
            total={answer.total}
            to={(start) => hashOf({ ...place, offset: start, row: null })}
          />
        ) : null}
      </p>
      <div class="panes">
        {answer && answer.total > 0 ? <JudgmentTable place={place} judgments={answer.judgments} /> : null}
        {row === null ? null : <JudgmentDetails run={run} row={row} />}
      </div>
    </>
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
      <Choice
        label={label}
        value={shown}
        names={names}
        choose={(chosen) => {
          const typed = isNumber ? Number(chosen) : chosen;
          change({ [key]: chosen === '' ? undefined : isList ? [typed] : typed });
        }}
      />
    );
  };
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
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
      <TextFilter value={filter.text ?? ''} change={(text) => change({ text })} />
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
              <tr key={row} class={outcome} aria-current={row === place.row ? 'true' : undefined}>
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
                <td class="number">{winnerVotes === null ? '' : percent(winnerVotes)}</td>
                <td>{sinceSeed === 'new' ? '' : sinceSeed}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
