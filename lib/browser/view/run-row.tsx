// A run or a matrix as a row of the list: how it stands, what it does at present, and whether its judge can be trusted.
import { levelWord } from '../../src/report/assessment-box.js';
import {
  byReason,
  count,
  counted,
  duration,
  percent,
  percentWithInterval,
  toMinute,
  usd,
} from '../../src/report/format.js';
import type { Estimate } from '../../src/schema/estimate.js';
import type { ListedAssessment, ListedMatrix, ListedRun, ListedStage } from '../../src/view/view-records.js';
import { againstSeed, hashOf } from './filter.js';
import { SHARED } from './shared.js';
import { StopButton } from './stop-button.js';

/** A line of the list that has figures. */
export type Row = ListedRun | ListedMatrix;

/** The folder of a row, below the results. */
export function folderOf(row: Row): string {
  return row.kind === 'run' ? row.run : row.matrix;
}

export function ResultRow({ row, pick }: { row: Row; pick: { is: boolean; toggle: () => void } }) {
  const { state, costUsd, updatedAt } = row;
  const place = folderOf(row);
  const [experiment = '', name = ''] = place.split('/');
  const run = row.kind === 'run' ? row : null;
  const last = run?.accuracies.at(-1);
  const report = `${run ? 'report?run' : 'matrix?matrix'}=${encodeURIComponent(place)}`;
  return (
    <tr>
      <th scope="row" class="named">
        <label>
          {/* Without a judge there is nothing to compare. */}
          {run && !SHARED ? (
            <input type="checkbox" checked={pick.is} disabled={!last && !pick.is} onChange={pick.toggle} />
          ) : null}{' '}
          <small>{experiment}/</small>
          {name}
        </label>
        {SHARED ? null : (
          <span class="links">
            {last ? (
              <a href={hashOf({ page: 'judgments', run: place, filter: {}, offset: 0, row: null })}>
                judgments
              </a>
            ) : null}
            {run && run.accuracies.length > 1 ? (
              <a href={hashOf(againstSeed(place, run.accuracies.length - 1))}>compare with seed</a>
            ) : null}
            {last || !run ? <a href={report}>report</a> : null}
            {run ? <a href={hashOf({ page: 'review', run: place })}>review</a> : null}
            {run && state === 'running' ? <StopButton run={place} /> : null}
          </span>
        )}
      </th>
      <td class="accuracy">
        {row.kind === 'matrix' ? counted(row.nSeeds, 'seed') : last ? accuracyText(last) : '–'}
        {run?.assessment && 'level' in run.assessment ? (
          <p class={`badge ${run.assessment.level}`}>
            <strong>{levelWord(run.assessment.level)}</strong>
          </p>
        ) : null}
      </td>
      <td>
        <Curve
          lines={
            row.kind === 'matrix'
              ? row.arms
              : [{ label: 'Accuracy', accuracies: row.accuracies.map(({ value }) => value) }]
          }
        />
      </td>
      <td class="words">
        {run ? <Trust assessment={run.assessment} isJudged={last !== undefined} /> : findings(row)}
      </td>
      <td class="words">
        <strong class={state}>{state}</strong>
        {linesOf(row).map((line, i) => (
          <p key={i}>{line}</p>
        ))}
        {run?.why ? <Why why={run.why} /> : null}
        {run?.stage?.total ? (
          <progress max={run.stage.total} value={run.stage.done} aria-label="Stage" />
        ) : null}
      </td>
      <td>{row.kind === 'matrix' ? counted(row.arms.length, 'arm') : last ? reached(row) : '–'}</td>
      <td>{costUsd === null ? <small>unknown</small> : usd(costUsd)}</td>
      <td>{toMinute(updatedAt)}</td>
    </tr>
  );
}

function accuracyText(accuracy: Estimate): string {
  const { n, unscored } = accuracy;
  return `${percentWithInterval(accuracy)}, ${count(n)}${unscored > 0 ? `, unscored ${count(unscored)}` : ''}`;
}

function reached({ accuracies, nIterations }: ListedRun): string {
  return `${accuracies.length - 1}/${nIterations}`;
}

/** What there is to say of a state. */
function linesOf(row: Row): string[] {
  if (row.kind === 'matrix') return [`runs: ${byReason(row.states)}`, ...row.problems];
  const { stage, left, errors, retries } = row;
  const unmeasured = left?.unmeasured.length ? ` and ${left.unmeasured.join(', ')}, not measured yet` : '';
  const failed = byReason(errors);
  return [
    stage ? stageLine(stage) : [],
    left ? `run: about ${duration(left.ms)} left${unmeasured}` : [],
    failed === '' ? [] : `failed attempts: ${failed}; repeated ${count(retries)}`,
  ].flat();
}

/** Characters of a reason that are shown unfolded. */
const SHORT_REASON = 160;

/** Why a run does not go on: a long reason begins with its first line, and unfolds. */
function Why({ why }: { why: string }) {
  const [line = ''] = why.split('\n');
  const first = line.slice(0, SHORT_REASON);
  if (first === why) return <p>{why}</p>;
  return (
    <details>
      <summary>{first}…</summary>
      <p class="reason">{why}</p>
    </details>
  );
}

function stageLine({ name, iteration, done, total, perSecond, leftMs, detail }: ListedStage): string {
  return [
    `${name} of iteration ${iteration}: ${count(done)}${total === null ? '' : ` of ${count(total)}`}`,
    perSecond === null ? [] : `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`,
    leftMs === null ? [] : `${duration(leftMs)} left`,
    detail ?? [],
  ]
    .flat()
    .join(', ');
}

function Trust({ assessment, isJudged }: { assessment: ListedAssessment | null; isJudged: boolean }) {
  if (assessment === null) return isJudged ? <small>not assessed yet</small> : <>–</>;
  if ('problem' in assessment) return <p>not known: {assessment.problem}</p>;
  const { level, answer, found } = assessment;
  const word = levelWord(level);
  return (
    <p class={`badge ${level}`}>
      <strong>{word}</strong>: {found ?? answer.slice(`${word}: `.length)}
    </p>
  );
}

/** How many arms are better than the baseline of a matrix. */
function findings(row: Row) {
  const found = row.kind === 'matrix' ? byReason(row.findings) : '';
  return row.kind === 'matrix' && found !== '' ? <p>{`arms against ${row.baseline}: ${found}`}</p> : '–';
}

/** Accuracies from 0 to 1 by iteration, as small lines. */
function Curve({ lines }: { lines: ListedMatrix['arms'] }) {
  const known = lines.filter(({ accuracies }) => accuracies.some((value) => value !== null));
  if (known.length === 0) return <>–</>;
  const width = 80;
  const drawn = known.map(({ label, accuracies }) => ({
    words: `${label} by iteration: ${accuracies.map(percent).join(', ')}`,
    points: accuracies.flatMap((value, i) =>
      value === null ? [] : [[2 + (i * (width - 4)) / Math.max(1, accuracies.length - 1), 22 - 20 * value]],
    ),
  }));
  return (
    <svg
      class="curve"
      viewBox={`0 0 ${width} 24`}
      role="img"
      aria-label={drawn.map((each) => each.words).join('; ')}
    >
      <line x1="0" x2={width} y1="12" y2="12" class="half" />
      {drawn.map(({ words, points }) => (
        <g key={words}>
          <polyline points={points.join(' ')} />
          {points.slice(-1).map(([x, y]) => (
            <circle key="end" cx={x} cy={y} r="2" />
          ))}
        </g>
      ))}
    </svg>
  );
}
