// What a shared file holds: its pages are told by it in place of a server.
import { count } from '../../src/report/format.js';
import {
  searchedText,
  type FilteredJudgments,
  type SharedCount,
  type SharedView,
  type WholeJudgment,
} from '../../src/view/view-records.js';
import type { JudgmentFilter } from './filter.js';

/** null: the page has a server. */
export const SHARED = readShared();

function readShared(): SharedView | null {
  const element = document.getElementById('shared');
  return element && (JSON.parse(element.textContent) as SharedView);
}

/** How much a file holds, in words. */
export function countsInWords(counts: readonly SharedCount[]): string {
  return counts
    .map(({ what, n, of, isAtLeast = false, ofShown }) => {
      const all = `${isAtLeast ? 'at least ' : ''}${count(of)} ${what}`;
      if (n === of && !isAtLeast) return `all ${all}`;
      const wanted = ofShown?.nJudgments ?? of;
      const shown = ofShown ? `: those of the ${count(ofShown.nItems)} items shown` : '';
      if (n === wanted && ofShown) return `${count(n)} of ${all}${shown}`;
      return `${count(n)} of ${all}${shown}; ${count(wanted - n)} left out, since a file has at most 5 MB`;
    })
    .join(', ');
}

/** The judgments of a file that pass, as the server would find them among these. */
export function findShared(
  { items, facets }: NonNullable<SharedView['judgments']>,
  { filter, offset, limit }: { filter: JudgmentFilter; offset: number; limit: number },
): FilteredJudgments {
  const found = items.filter((item) => passes(item, filter)).sort((a, b) => a.row - b.row);
  return {
    judgments: found.slice(offset, offset + limit),
    total: found.length,
    isWhole: true,
    facets,
    nAll: items.length,
  };
}

function passes({ texts, ...judgment }: WholeJudgment, filter: JudgmentFilter): boolean {
  const { text = '', mostWinnerVotes, ...wanted } = filter;
  const { source, subject, winnerVotes } = judgment;
  const values: Record<keyof typeof wanted, unknown> = {
    ...judgment,
    ...subject,
    subject: subject.id,
    kind: source.kind,
    iteration: source.iteration,
    benchmark: source.benchmark,
  };
  return (
    (Object.keys(wanted) as (keyof typeof wanted)[]).every((key) =>
      [wanted[key]].flat().some((each) => each === undefined || each === values[key]),
    ) &&
    (mostWinnerVotes === undefined || (winnerVotes !== null && winnerVotes <= mostWinnerVotes)) &&
    searchedText(texts).includes(text.toLowerCase())
  );
}
