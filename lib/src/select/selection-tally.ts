// Counts the instructions that a selection was offered, took and dropped.
import type { Instruction } from '../schema/instruction.js';
import { addCount } from '../core/own.js';
import type { FileCounts, SelectionGroup, SelectionSummary } from '../schema/selection-summary.js';

/** The name for an unknown category or complexity. */
export const UNKNOWN_LABEL = 'unknown';

/** Languages of a file that are counted by name: a column may hold anything. */
const MOST_LANGUAGES = 100;

/** What is counted of a row. */
export interface ReadRow {
  /** As its file names it. */
  language: string | null;
  systemPrompt: string | null;
  /** Turns of users and assistants after the first turn of the user. */
  furtherTurns: number;
}

type Dimension = 'byCategory' | 'byComplexity' | 'bySlice';

/** Counts every instruction and every drop of a selection. */
export class SelectionTally {
  #offered = 0;
  #taken = 0;
  readonly #drops: Map<string, number>;
  readonly #masked: Map<string, number>;
  readonly #files: Map<string, FileCounts>;
  readonly #groups: Readonly<Record<Dimension, Map<string, SelectionGroup>>> = {
    byCategory: new Map(),
    byComplexity: new Map(),
    bySlice: new Map(),
  };

  /** @param before recorded counts of drops, masks and files of the steps before this one */
  constructor({
    drops,
    masked,
    byFile,
  }: Partial<Pick<SelectionSummary, 'drops' | 'masked' | 'byFile'>> = {}) {
    this.#files = new Map((byFile ?? []).map((counts) => [counts.file, counts]));
    this.#drops = new Map(Object.entries(drops ?? {}));
    this.#masked = new Map(Object.entries(masked ?? {}));
  }

  /** A row of a file that holds an instruction. */
  read(file: string, { language, systemPrompt, furtherTurns }: ReadRow): void {
    const counts = this.#files.get(file) ?? {
      file,
      rows: 0,
      languages: {},
      systemPrompts: 0,
      furtherTurns: 0,
    };
    this.#files.set(file, counts);
    counts.rows++;
    counts.furtherTurns += furtherTurns;
    if (systemPrompt !== null) counts.systemPrompts++;
    const name = language ?? UNKNOWN_LABEL;
    const isListed =
      Object.hasOwn(counts.languages, name) || Object.keys(counts.languages).length < MOST_LANGUAGES;
    addCount(counts.languages, isListed ? name : 'other');
  }

  /** An instruction that the choice is between. */
  offer(instruction: Instruction): void {
    this.#offered++;
    for (const group of this.#groupsOf(instruction)) group.offered++;
  }

  /** An instruction that was taken. */
  take(instruction: Instruction): void {
    this.#taken++;
    for (const group of this.#groupsOf(instruction)) group.taken++;
  }

  /** A row or an instruction that was dropped, by any step. */
  drop(reason: string): void {
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + 1);
  }

  /** An instruction in which personal details of these kinds were masked. */
  mask(kinds: readonly string[]): void {
    for (const kind of kinds) this.#masked.set(kind, (this.#masked.get(kind) ?? 0) + 1);
  }

  /** All counts so far. */
  summary(): SelectionSummary {
    const nDropped = [...this.#drops.values()].reduce((sum, n) => sum + n, 0);
    return {
      rows: nDropped + this.#taken,
      offered: this.#offered,
      taken: this.#taken,
      drops: Object.fromEntries([...this.#drops].sort(([, a], [, b]) => b - a)),
      masked: Object.fromEntries([...this.#masked].sort(([, a], [, b]) => b - a)),
      byFile: [...this.#files.values()],
      byCategory: this.#byFrequency('byCategory'),
      byComplexity: [...this.#groups.byComplexity.values()].sort((a, b) => degreeOf(a) - degreeOf(b)),
      bySlice: this.#byFrequency('bySlice'),
    };
  }

  #groupsOf({ slice, labels }: Instruction): SelectionGroup[] {
    return [
      this.#group('byCategory', labels?.category ?? UNKNOWN_LABEL),
      this.#group('byComplexity', String(labels?.complexity ?? UNKNOWN_LABEL)),
      this.#group('bySlice', slice),
    ];
  }

  #group(dimension: Dimension, name: string): SelectionGroup {
    const groups = this.#groups[dimension];
    let group = groups.get(name);
    if (group === undefined) {
      group = { name, offered: 0, taken: 0 };
      groups.set(name, group);
    }
    return group;
  }

  #byFrequency(dimension: Dimension): SelectionGroup[] {
    return [...this.#groups[dimension].values()].sort(
      (a, b) => b.offered - a.offered || (a.name < b.name ? -1 : 1),
    );
  }
}

/** Unknown is sorted last. */
function degreeOf({ name }: SelectionGroup): number {
  return name === UNKNOWN_LABEL ? Infinity : Number(name);
}
