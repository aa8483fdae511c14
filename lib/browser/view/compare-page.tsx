// Two judges on the same items: figures, who is right where, and one item with what both said.
import { comparisonSentence, unscoredItems } from '../../src/report/comparison-table.js';
import { count, percentWithInterval, points, pointsWithInterval, pValue } from '../../src/report/format.js';
import type { JudgeComparison } from '../../src/schema/comparison-report.js';
import {
  ITEM_OUTCOMES,
  NOT_COMPARED,
  type CompareFilter,
  type ComparedFigures,
  type ComparedItem,
  type ComparedJudges,
  type ItemVerdict,
  type Who,
} from '../../src/view/compare-records.js';
import { useState } from 'preact/hooks';
import { compareFigures, compareJudges } from './api.js';
import { CompareDetails } from './compare-details.js';
import { hashOf, type ComparePlace, type JudgeAt } from './filter.js';
import { JudgePickers } from './judge-pickers.js';
import { Choice, Pager, TextFilter } from './list-controls.js';
import { SHARED } from './shared.js';
import { useKeys, useSteps } from './steps.js';
import { useAnswer } from './use-answer.js';

const LIMIT = 100;

/** What a page says for the words of the server. */
const WHO_WORDS: Partial<Record<Who, string>> = {
  differ: 'different scores',
  'a better': 'judge 1 better',
  'b better': 'judge 2 better',
  'only a': 'only judge 1 was asked',
  'only b': 'only judge 2 was asked',
};

export function ComparePage({ place }: { place: ComparePlace }) {
  const { a, b, filter, offset, row, order } = place;
  const judges = a?.iteration != null && b?.iteration != null ? { a, b } : null;
  const { answer, isCurrent, problem } = useAnswer(
    judges && JSON.stringify({ ...judges, filter, offset }),
    (signal) =>
      compareJudges({ ...(judges as { a: JudgeAt; b: JudgeAt }), filter, offset, limit: LIMIT }, signal),
  );
  // The list does not wait for the figures.
  const figures = useAnswer(answer && judges && JSON.stringify(judges), (signal) =>
    compareFigures(judges as { a: JudgeAt; b: JudgeAt }, signal),
  );
  const [isBeyond, setBeyond] = useState(false);
  const go = (to: Partial<ComparePlace>): void => {
    const isHeld = !SHARED || (to.offset ?? offset) === offset;
    setBeyond(!isHeld);
    if (isHeld) location.hash = hashOf({ ...place, ...to });
  };
  useSteps({
    rows: answer && isCurrent ? answer.items.map(({ item }) => item) : null,
    row,
    offset,
    limit: (SHARED && answer?.items.length) || LIMIT,
    total: answer?.total ?? 0,
    go,
  });
  useKeys(({ key }) => {
    if (key === 'o') go({ order: order === 'winner-first' ? 'loser-first' : 'winner-first' });
  });
  const shown = answer?.items.find(({ item }) => item === row);
  return (
    <>
      <h1>Compare</h1>
      <JudgePickers place={place} answer={answer} />
      {problem === null ? null : <p role="alert">{problem}</p>}
      {answer ? (
        <>
          {figures.problem === null ? null : <p role="alert">{figures.problem}</p>}
          {figures.answer && figures.isCurrent ? (
            <Figures place={place} answer={answer} figures={figures.answer} />
          ) : figures.problem === null ? (
            <p role="status">computing the figures…</p>
          ) : null}
          <WhoTable place={place} answer={answer} />
          {SHARED ? null : <Filters place={place} answer={answer} />}
          <p aria-live="polite">
            {`${answer.isWhole ? '' : 'at least '}${count(answer.total)} of ${count(answer.nAll)} items`}
            <Pager
              offset={offset}
              limit={LIMIT}
              nShown={answer.items.length}
              total={answer.total}
              to={SHARED ? null : (start) => hashOf({ ...place, offset: start, row: null })}
            />
            {SHARED ? ' The file holds the items that were shown.' : null}
          </p>
          {isBeyond ? <p role="alert">The next items are not in this file.</p> : null}
          {row !== null && isCurrent && !shown ? (
            <p role="alert">{`Item ${row} of the address is not among those that are listed here.`}</p>
          ) : null}
          <div class="panes">
            <ItemTable place={place} items={answer.items} />
            {shown ? <CompareDetails place={place} answer={answer} item={shown} /> : null}
          </div>
        </>
      ) : problem === null && judges ? (
        <p>reading the judgments…</p>
      ) : null}
    </>
  );
}

/** A link to the items that pass another filter; what is chosen already is let go. */
function FilterLink({ place, filter, text }: { place: ComparePlace; filter: CompareFilter; text: string }) {
  const isChosen = Object.entries(filter).every(([key, value]) => place.filter[key as 'who'] === value);
  const nothing = Object.fromEntries(Object.keys(filter).map((key) => [key, undefined]));
  const next = { ...place.filter, ...(isChosen ? nothing : filter) };
  // A file holds one list.
  if (SHARED) return <span title={text}>{text}</span>;
  return (
    <a
      href={hashOf({ ...place, filter: next, offset: 0, row: null })}
      title={text}
      aria-current={isChosen ? 'true' : undefined}
    >
      {text}
    </a>
  );
}

function Figures({
  place,
  answer: { a, b, texts, counts },
  figures: { overall, bySlice },
}: {
  place: ComparePlace;
  answer: ComparedJudges;
  figures: ComparedFigures;
}) {
  const rows = bySlice.length > 1 ? [overall, ...bySlice] : [overall];
  const dropped = [a, b].flatMap(({ nDropped }, i) =>
    nDropped ? [`Judge ${i + 1} could not judge ${count(nDropped)} of the benchmark's items.`] : [],
  );
  return (
    <>
      <p>{comparisonSentence(overall, 1)}.</p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Paired figures">
        <table>
          <thead>
            <tr>
              {[
                'Slice',
                '2 minus 1, points [95%]',
                'p',
                'p (Holm)',
                'Judge 1 % [95%]',
                'Judge 2 % [95%]',
                'n',
                'Unscored',
              ].map((title) => (
                <th key={title}>{title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row: JudgeComparison) => (
              <tr key={row.subset}>
                <th scope="row">
                  {row.subset === null ? (
                    'all'
                  ) : (
                    <FilterLink place={place} filter={{ slice: row.subset }} text={row.subset} />
                  )}
                </th>
                <td>{pointsWithInterval(row)}</td>
                <td>{pValue(row.pValue)}</td>
                <td>{pValue(row.pHolm)}</td>
                <td>{percentWithInterval(row.baselineAccuracy)}</td>
                <td>{percentWithInterval(row.judgeAccuracy)}</td>
                <td>{count(row.n)}</td>
                <td>{unscoredItems(row)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="about">
        {`As autodidact compare prints it: ${overall.method}. A tie counts half. No filter changes these figures. `}
        {texts.areCompared
          ? `Items are matched by slice and id${counts['other texts'] > 0 ? '; those with other texts are left out' : ', and their texts are the same'}.`
          : `Items are matched by slice and id alone; their texts could not be compared: ${texts.problem ?? ''}`}{' '}
        {dropped.join(' ')}
      </p>
    </>
  );
}

/** Who is right where: each cell filters the list. */
function WhoTable({ place, answer: { counts } }: { place: ComparePlace; answer: ComparedJudges }) {
  const link = (who: Who, text = count(counts[who])) => (
    <FilterLink place={place} filter={{ who }} text={text} />
  );
  const others: readonly Who[] = [
    'differ',
    'a better',
    'b better',
    ...NOT_COMPARED.filter((who) => counts[who] > 0),
  ];
  return (
    <>
      <h2>Who is right where</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Who is right where">
        <table class="who">
          <caption>
            Items, in the orders in which both judges named a verdict. Partly: right in one order, or a tie.
          </caption>
          <thead>
            <tr>
              <td />
              {ITEM_OUTCOMES.map((outcome) => (
                <th key={outcome} scope="col">{`Judge 2 ${outcome}`}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ITEM_OUTCOMES.map((first) => (
              <tr key={first}>
                <th scope="row">{`Judge 1 ${first}`}</th>
                {ITEM_OUTCOMES.map((second) => (
                  <td key={second}>{link(`${first}/${second}`)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul class="who-else">
        {others.map((who) => (
          <li key={who}>{link(who, `${WHO_WORDS[who] ?? who} ${count(counts[who])}`)}</li>
        ))}
      </ul>
    </>
  );
}

function Filters({ place, answer }: { place: ComparePlace; answer: ComparedJudges }) {
  const { filter } = place;
  const change = (key: keyof CompareFilter, value: string): void => {
    const { [key]: _before, ...others } = filter;
    const next = value === '' ? others : { ...others, [key]: value };
    location.hash = hashOf({ ...place, filter: next, offset: 0, row: null });
  };
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Choice
        label="Slice"
        value={filter.slice ?? ''}
        names={answer.slices}
        choose={(name) => change('slice', name)}
      />
      <Choice
        label="Kind of error"
        value={filter.errorKind ?? ''}
        names={answer.errorKinds}
        choose={(name) => change('errorKind', name)}
      />
      <TextFilter value={filter.text ?? ''} change={(text) => change('text', text)} />
      {filter.who === undefined ? null : (
        <button
          type="button"
          onClick={() => change('who', '')}
        >{`not only: ${WHO_WORDS[filter.who] ?? filter.who}`}</button>
      )}
      <button
        type="button"
        onClick={() => (location.hash = hashOf({ ...place, filter: {}, offset: 0, row: null }))}
      >
        clear
      </button>
    </form>
  );
}

function ItemTable({ place, items }: { place: ComparePlace; items: readonly ComparedItem[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Items">
      <table>
        <thead>
          <tr>
            {['Pair', 'Judge 1', 'Judge 2', '2 minus 1', 'Slice', 'Kind of error'].map((title) => (
              <th key={title}>{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map(({ item, subject, standing, difference, a, b }) => (
            <tr key={item} aria-current={item === place.row ? 'true' : undefined}>
              <th scope="row">
                <a href={hashOf({ ...place, row: item })}>{subject.id}</a>
              </th>
              <td>
                <Verdicts verdicts={a} />
              </td>
              <td>
                <Verdicts verdicts={b} />
              </td>
              <td>{difference === null ? (WHO_WORDS[standing] ?? standing) : points(difference)}</td>
              <td title={subject.slice}>{subject.slice}</td>
              <td title={subject.errorKind}>{subject.errorKind}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Of both orders, the known winner first in the first. */
function Verdicts({ verdicts }: { verdicts: readonly ItemVerdict[] }) {
  return (
    <>
      {verdicts.map(({ order, verdict, outcome }) => (
        <span key={order} class={`order ${outcome}`} title={order}>
          <span class="verdict">{/^[AB]$/.test(verdict) ? `${verdict} ${outcome}` : verdict}</span>
        </span>
      ))}
    </>
  );
}
