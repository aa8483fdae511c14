// Which runs are listed and picked: it stands in the address.

/** What is asked of the list. */
export interface RunsQuery {
  /** In the name of a run or an arm; letter case does not matter. */
  search: string;
  /** Empty: all. */
  experiment: string;
  /** Empty: all. */
  state: string;
  /** The name of a column, after a `-` where the largest is first. */
  sort: string;
  /** Runs to be compared; the first is the baseline. */
  picked: readonly string[];
}

/** All runs, the latest first. */
export const ALL_RUNS: RunsQuery = { search: '', experiment: '', state: '', sort: '-updated', picked: [] };

const WORDS = ['search', 'experiment', 'state', 'sort'] as const;

/** @param query of an address */
export function runsQueryIn(query: URLSearchParams): RunsQuery {
  const words = WORDS.map((key) => [key, query.get(key) ?? ALL_RUNS[key]] as const);
  return { ...ALL_RUNS, ...Object.fromEntries(words), picked: [...new Set(query.getAll('pick'))] };
}

/** The address of a list. */
export function runsHash(query: RunsQuery): string {
  const words = WORDS.filter((key) => query[key] !== ALL_RUNS[key]).map((key) => [key, query[key]]);
  const text = new URLSearchParams([...words, ...query.picked.map((run) => ['pick', run])]).toString();
  return text === '' ? '#/' : `#/?${text}`;
}
