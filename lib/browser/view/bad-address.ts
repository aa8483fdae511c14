// What the app does not understand in an address, so that nothing of it is left out unsaid.
import { visibleText } from '../../src/core/text.js';
import { filterIn, WHOLE } from './filter.js';

const LIST = ['filter', 'offset', 'row'];
/** What stands in the address of a page, and whether it must. The list of runs reads its own. */
const PAGES: Readonly<Record<string, { needed: readonly string[]; known: readonly string[] }>> = {
  judgments: { needed: ['run'], known: LIST },
  compare: { needed: [], known: ['a', 'b', 'a-benchmark', 'b-benchmark', 'order', ...LIST] },
  review: { needed: ['run'], known: ['stage', 'items', 'reviewer'] },
};

const isWhole = (text: string): boolean => WHOLE.test(text);

/** Parts that are no free text. */
const FORMS: Readonly<Record<string, { expected: string; is: (text: string) => boolean }>> = {
  filter: { expected: 'an object in JSON', is: (text) => filterIn(text) !== null },
  offset: { expected: 'a whole number from 0', is: isWhole },
  row: { expected: 'a whole number from 0', is: isWhole },
  items: { expected: 'a whole number from 1', is: (text) => isWhole(text) && Number(text) > 0 },
  order: { expected: 'winner-first or loser-first', is: (text) => /^(?:winner|loser)-first$/.test(text) },
};

/** The parts of an address that are left out, each with what was expected. @param hash as {@link placeOf} reads it */
export function notUnderstood(hash: string): string[] {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  if (path === '') return [];
  const page = Object.hasOwn(PAGES, path) ? PAGES[path] : undefined;
  if (!page) return [`page "${shortened(path)}" (expected ${Object.keys(PAGES).join(', ')})`];
  const query = new URLSearchParams(search);
  const missing = page.needed.filter((key) => !query.get(key)).map((key) => `${path} without a ${key}`);
  const known = [...page.needed, ...page.known];
  const wrong = [...query].flatMap(([key, value]) => {
    if (!known.includes(key)) return [`"${shortened(key)}" (expected ${known.join(', ')})`];
    const form = FORMS[key];
    return !form || form.is(value) ? [] : [`${key} "${shortened(value)}" (expected ${form.expected})`];
  });
  return [...missing, ...wrong];
}

function shortened(text: string): string {
  return visibleText(text.slice(0, 100));
}
