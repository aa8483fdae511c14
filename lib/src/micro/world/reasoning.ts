// The reasoning slice: put four people in order from three facts in random order, and name the one that is asked for.
import { taskSlice } from './task-slice.js';

/** The people of the riddles; four of them are in each. */
export const people = ['ann', 'bob', 'cal', 'dee', 'eve', 'fay', 'gus', 'hal'] as const;
const ordinals = ['first', 'second', 'third', 'fourth'] as const;
const ends = ['lowest', 'highest'] as const;
const nPeople = 4;

const pattern = new RegExp(
  `^rank(?: (?:${people.join('|')}) > (?:${people.join('|')})){${nPeople - 1}} (?:${ordinals.join('|')}) (?:${ends.join('|')})$`,
);

interface Riddle {
  /** Pairs (higher, lower). */
  facts: { higher: string; lower: string }[];
  ordinal: (typeof ordinals)[number];
  end: (typeof ends)[number];
}

/**
 * `rank cal > dee ann > bob bob > cal third lowest` is worked as `dee cal bob ann`, the order from the end that is asked for,
 * and answered by `bob`.
 */
export const reasoning = taskSlice<Riddle>({
  name: 'reasoning',
  errorKinds: ['neighbour', 'random'],
  draw: (random) => {
    const order = random.shuffled(people).slice(0, nPeople);
    const facts = order.slice(1).map((lower, i) => ({ higher: order[i] ?? lower, lower }));
    return { facts: random.shuffled(facts), ordinal: random.pick(ordinals), end: random.pick(ends) };
  },
  write: ({ facts, ordinal, end }) =>
    `rank ${facts.map(({ higher, lower }) => `${higher} > ${lower}`).join(' ')} ${ordinal} ${end}`,
  read: (text) => {
    if (!pattern.test(text)) return null;
    const words = text.split(' ');
    const facts: Riddle['facts'] = [];
    for (let i = 1; i < words.length - 2; i += 3) {
      facts.push({ higher: words[i] ?? '', lower: words[i + 2] ?? '' });
    }
    return {
      facts,
      ordinal: words.at(-2) as Riddle['ordinal'],
      end: words.at(-1) as Riddle['end'],
    };
  },
  solve: (riddle) => {
    const order = orderOf(riddle);
    return order && { work: order.join(' '), answer: order[ordinals.indexOf(riddle.ordinal)] ?? '' };
  },
  changes: (riddle) => [
    ...ordinals.map((ordinal) => ({ ...riddle, ordinal })),
    ...ends.map((end) => ({ ...riddle, end })),
  ],
  mistake: (errorKind, { solution: { work, answer }, random }) => {
    const order = work.split(' ');
    const place = order.indexOf(answer);
    const neighbours = order.filter((_, i) => Math.abs(i - place) === 1);
    return random.pick(errorKind === 'neighbour' ? neighbours : people.filter((name) => name !== answer));
  },
});

/** The people from the asked end on, or null where the facts do not chain all four. */
function orderOf({ facts, end }: Riddle): string[] | null {
  const lowerOf = new Map(facts.map(({ higher, lower }) => [higher, lower]));
  const lowers = new Set(facts.map(({ lower }) => lower));
  const order: string[] = [];
  let next = facts.map(({ higher }) => higher).find((name) => !lowers.has(name));
  while (next !== undefined && order.length < nPeople) {
    order.push(next);
    next = lowerOf.get(next);
  }
  if (new Set(order).size !== nPeople) return null;
  return end === 'highest' ? order : order.reverse();
}
