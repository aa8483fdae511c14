// Next and previous by keyboard in a list of pages.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** A list that is read page by page, and where one stands in it. */
export interface SteppedList {
  /** The numbers of the rows of this page; null while it is read. */
  rows: readonly number[] | null;
  /** The row that is shown; null: none. */
  row: number | null;
  /** Rows before this page. */
  offset: number;
  limit: number;
  /** Rows of all pages. */
  total: number;
  go: (place: { offset: number; row: number | null }) => void;
}

/** Hears the keys that are meant for the page, not for a field of it. */
export function useKeys(onKey: (event: KeyboardEvent) => void): void {
  // In place as soon as what it is about is drawn, so that no key is lost.
  useLayoutEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      const isInField = (event.target as HTMLElement).closest('input, select, textarea') !== null;
      if (!(isInField || event.ctrlKey || event.metaKey || event.altKey)) onKey(event);
    };
    addEventListener('keydown', hear);
    return () => {
      removeEventListener('keydown', hear);
    };
  });
}

/** `j` and `n` go to the next row, `k` and `p` to the one before, also from page to page. */
export function useSteps({ rows, row, offset, limit, total, go }: SteppedList): void {
  useEffect(() => {
    if (row !== null) showRow();
  }, [row, rows !== null]);
  /** Which row of the page that is being read is to be shown. */
  const edge = useRef<'first' | 'last' | null>(null);
  useLayoutEffect(() => {
    const entered =
      edge.current === null || rows === null ? undefined : rows.at(edge.current === 'first' ? 0 : -1);
    if (rows !== null) edge.current = null;
    if (entered !== undefined && row === null) go({ offset, row: entered });
  });
  useKeys(({ key }) => {
    const step = /^[jn]$/.test(key) ? 1 : /^[kp]$/.test(key) ? -1 : 0;
    if (step === 0 || rows === null) return;
    const at = row === null ? -1 : rows.indexOf(row);
    const next = rows[at === -1 ? 0 : at + step];
    const page = offset + step * limit;
    if (next !== undefined) go({ offset, row: next });
    else if (page + limit > 0 && page < total) {
      edge.current = step === 1 ? 'first' : 'last';
      go({ offset: Math.max(0, page), row: null });
    }
  });
}

/** Scrolls to the row that is shown, and, where its details stand below the list, to these. */
function showRow(): void {
  document.querySelector('.panes tr[aria-current]')?.scrollIntoView({ block: 'nearest' });
  // As in view.css.
  if (!matchMedia('(min-width: 64rem)').matches) document.querySelector('.panes .details')?.scrollIntoView();
}
