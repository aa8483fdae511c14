// What lists have in common: a choice among names, words to search for, links from page to page.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Listed } from '../../src/view/view-records.js';

/** A choice among names, or any. */
export function Choice({
  label,
  value,
  names,
  choose,
}: {
  label: string;
  /** Empty: any. */
  value: string;
  names: readonly string[];
  choose: (name: string) => void;
}) {
  return (
    <label>
      {label}{' '}
      <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        <option value="">any</option>
        {[...new Set([...names, ...(value === '' ? [] : [value])])].map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

/** After which pause of typing a text is searched for, in milliseconds. */
const PAUSE_MS = 500;

/** Words to search for: on Enter, when the field is left, and after a pause of typing. */
export function TextFilter({ value, change }: { value: string; change: (text: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const apply = (): void => {
    if (typed !== value) change(typed);
  };
  const latest = useRef(apply);
  latest.current = apply;
  useEffect(() => {
    const pause = setTimeout(() => latest.current(), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [typed]);
  return (
    <label>
      Text{' '}
      <input
        type="search"
        value={typed}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        onBlur={apply}
        onKeyDown={({ key }) => key === 'Enter' && apply()}
      />
    </label>
  );
}

/** Says so where a run is none of those that are listed; nothing until they are. */
export function NoSuchRun({ run, listed }: { run: string; listed: readonly Listed[] | null }) {
  if (listed === null || listed.some((each) => each.kind === 'run' && each.run === run)) return null;
  return <p role="alert">{`There is no run "${run}" among those that are listed.`}</p>;
}

/** Which rows a page shows, with links to the pages before and after it. */
export function Pager({
  offset,
  limit,
  nShown,
  total,
  to,
}: {
  /** Rows before this page. */
  offset: number;
  limit: number;
  nShown: number;
  total: number;
  /** The address of the page that begins after some rows; null: there is no other page. */
  to: ((offset: number) => string) | null;
}) {
  if (total === 0) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {to && offset > 0 ? <a href={to(Math.max(0, offset - limit))}>before</a> : null}{' '}
      {`${offset + 1} to ${offset + nShown}`}{' '}
      {to && offset + limit < total ? <a href={to(offset + limit)}>next</a> : null}
    </nav>
  );
}
