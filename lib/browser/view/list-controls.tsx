// What lists have in common: a choice among names, and links from page to page.

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
  /** The address of the page that begins after some rows. */
  to: (offset: number) => string;
}) {
  if (total === 0) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {offset > 0 ? <a href={to(Math.max(0, offset - limit))}>before</a> : null}{' '}
      {`${offset + 1} to ${offset + nShown}`}{' '}
      {offset + limit < total ? <a href={to(offset + limit)}>next</a> : null}
    </nav>
  );
}
