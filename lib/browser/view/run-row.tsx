// A run or a matrix as a row of the list: what is known of it, what it does at present, and whether its judge can be trusted.
import { byReason, count, counted, duration, usd } from '../../src/report/format.js';
import type { ListedAssessment, ListedMatrix, ListedRun, ListedStage } from '../../src/view/view-records.js';
import type { ComponentChildren } from 'preact';
import { hashOf } from './filter.js';
import { SHARED } from './shared.js';
import { StopButton } from './stop-button.js';
import { percentOf, withInterval } from './words.js';

/** Whether a run is picked, and what changes that. */
interface Pick {
  is: boolean;
  can: boolean;
  toggle: () => void;
}

export function RunRow({ run: listed, pick }: { run: ListedRun; pick: Omit<Pick, 'can'> }) {
  const { run, state, accuracies, nIterations, costUsd, updatedAt } = listed;
  const last = accuracies.at(-1);
  const judgments = hashOf({ page: 'judgments', run, filter: {}, offset: 0, row: null });
  return (
    <tr>
      {/* Without a judge there is nothing to compare. */}
      <Name place={run} pick={{ ...pick, can: last !== undefined || pick.is }}>
        {last ? <a href={judgments}>judgments</a> : null}{' '}
        {last ? <a href={`report?${new URLSearchParams({ run }).toString()}`}>report</a> : null}{' '}
        <a href={hashOf({ page: 'review', run })}>review</a>{' '}
        {state === 'running' ? <StopButton run={run} /> : null}
      </Name>
      <td class="state">
        <State run={listed} />
      </td>
      <td class="state">
        <Trust assessment={listed.assessment} isJudged={last !== undefined} />
      </td>
      <td>{last ? `${accuracies.length - 1}/${nIterations}` : '–'}</td>
      <td>{last ? withInterval(last) : '–'}</td>
      <td>
        <Curve lines={[{ label: 'Accuracy', accuracies: accuracies.map(({ value }) => value) }]} />
      </td>
      <td>{costOf(costUsd)}</td>
      <td>{minuteOf(updatedAt)}</td>
    </tr>
  );
}

export function MatrixRow({ listed }: { listed: ListedMatrix }) {
  const { matrix, state, states, problems, arms, nSeeds, baseline, findings, costUsd, updatedAt } = listed;
  const found = byReason(findings);
  return (
    <tr>
      <Name place={matrix}>
        <a href={`matrix?${new URLSearchParams({ matrix }).toString()}`}>report</a>
      </Name>
      <td class="state">
        <strong class={state}>{state}</strong>
        <p>{`runs: ${byReason(states)}`}</p>
        {problems.map((problem) => (
          <p key={problem}>{problem}</p>
        ))}
      </td>
      <td class="state">
        <p>{found === '' ? '–' : `arms against ${baseline}: ${found}`}</p>
      </td>
      <td colSpan={2}>{`${counted(arms.length, 'arm')}, ${counted(nSeeds, 'seed')}`}</td>
      <td>
        <Curve lines={arms} />
      </td>
      <td>{costOf(costUsd)}</td>
      <td>{minuteOf(updatedAt)}</td>
    </tr>
  );
}

/** Its place below the results, and what it leads to. */
function Name({ place, pick, children }: { place: string; pick?: Pick; children: ComponentChildren }) {
  const [experiment = '', name = ''] = place.split('/');
  const words = (
    <>
      <small>{experiment}/</small>
      {name}
    </>
  );
  return (
    <th scope="row" class="named">
      {pick && !SHARED ? (
        <label>
          <input type="checkbox" checked={pick.is} disabled={!pick.can} onChange={pick.toggle} /> {words}
        </label>
      ) : (
        words
      )}
      {SHARED ? null : <span class="links">{children}</span>}
    </th>
  );
}

function costOf(costUsd: number | null) {
  return costUsd === null ? <small>no price</small> : usd(costUsd);
}

/** E.g. `2026-11-30 17:05`, UTC. */
function minuteOf(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}

function State({ run: { state, note, stage, left, errors, retries } }: { run: ListedRun }) {
  const kinds = byReason(errors);
  const unmeasured = left && left.unmeasured.length > 0 ? `, and ${left.unmeasured.join(', ')}` : '';
  return (
    <>
      <strong class={state}>{state}</strong>
      {stage ? <StageAtWork stage={stage} /> : null}
      {left ? <p>{`run: about ${duration(left.ms)} left${unmeasured}`}</p> : null}
      {kinds === '' ? null : <p>{`failed attempts: ${kinds}; ${counted(retries, 'repeat')}`}</p>}
      {note === null ? null : <p>{note}</p>}
    </>
  );
}

function StageAtWork({ stage }: { stage: ListedStage }) {
  const { name, iteration, done, total, perSecond, leftMs, detail } = stage;
  const pace = [
    perSecond === null ? [] : `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`,
    leftMs === null ? [] : `${duration(leftMs)} left`,
    detail ?? [],
  ].flat();
  return (
    <>
      <p>
        {`${name} of iteration ${iteration}: ${count(done)}${total === null ? '' : ` of ${count(total)}`}`}
        {pace.map((part) => `, ${part}`)}
      </p>
      {total === null ? null : <progress max={total} value={done} aria-label={`${name}: done`} />}
    </>
  );
}

function Trust({ assessment, isJudged }: { assessment: ListedAssessment | null; isJudged: boolean }) {
  if (assessment === null) return <>{isJudged ? <small>not assessed yet</small> : '–'}</>;
  if ('problem' in assessment) return <p>not known: {assessment.problem}</p>;
  const { level, answer, found } = assessment;
  const [word = '', ...rest] = answer.split(':');
  return (
    <p class={`badge ${level}`}>
      <strong>{word}</strong>:{found === null ? rest.join(':') : ` ${found}`}
    </p>
  );
}

/** Accuracies from 0 to 1 by iteration, as small lines. */
function Curve({ lines }: { lines: ListedMatrix['arms'] }) {
  const known = lines.filter(({ accuracies }) => accuracies.some((value) => value !== null));
  if (known.length === 0) return <>–</>;
  const width = 80;
  const drawn = known.map(({ label, accuracies }) => ({
    words: `${label} by iteration: ${accuracies.map(percentOf).join(', ')}`,
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
