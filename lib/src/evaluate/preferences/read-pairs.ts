// Reads pairs without a known winner: two responses a row, or one response of one system a row.
import { z } from 'zod';
import { nonEmpty, section } from '../../core/config-section.js';
import { ConfigError, DataError } from '../../core/errors.js';
import { fieldReader } from '../../core/field-reader.js';
import { groupBy } from '../../core/group-by.js';
import { contentHash } from '../../core/hash.js';
import { schemaProblems } from '../../core/jsonl.js';
import { readRows } from '../../datasets/index.js';
import type { PairToJudge } from '../../schema/preference.js';
import { BadRowList } from '../bad-row-list.js';
import { UnusableRow } from '../recorded/recorded-format.js';

const columnsSchema = section({
  instruction: nonEmpty.default('instruction'),
  a: nonEmpty.default('a'),
  b: nonEmpty.default('b'),
  id: nonEmpty.default('id'),
  systemA: nonEmpty.default('system_a'),
  systemB: nonEmpty.default('system_b'),
  system: nonEmpty.default('system'),
  response: nonEmpty.default('response'),
});
/** Which column holds what. */
type PairColumns = z.output<typeof columnsSchema>;

/** Pairs as they were read. */
export interface ReadPairs extends Pick<BadRowList, 'dropped' | 'badRows'> {
  pairs: PairToJudge[];
}

/**
 * Reads the pairs of a file in any format of data sets. Rows with a system and a response are put together: every two systems on one
 * instruction are a pair.
 * @param options.columns where columns have other names
 * @throws DataError for a file that cannot be read or has no pair; ConfigError for wrong columns
 */
export async function readPairsToJudge(
  file: string,
  {
    columns = {},
    signal,
  }: { columns?: Record<string, unknown> | undefined; signal?: AbortSignal | undefined } = {},
): Promise<ReadPairs> {
  const names = columnsOf(columns);
  const pairs: PairToJudge[] = [];
  const single: SystemResponse[] = [];
  const bad = new BadRowList();
  for await (const row of readRows(file)) {
    signal?.throwIfAborted();
    try {
      if (!('row' in row)) throw new UnusableRow('unreadable-row', row.problem);
      const read = readerOf(row.row, names);
      if (read.has('system') && (read.isThere('response') || !read.isThere('a')))
        single.push(systemResponse(read, row.line));
      else pairs.push(pairOf(read, row.line));
    } catch (thrown) {
      if (!(thrown instanceof UnusableRow)) throw thrown;
      bad.add({ file, line: row.line, reason: thrown.reason, detail: thrown.message });
    }
  }
  pairs.push(
    ...pairsOfSystems(single, ({ line }, reason, detail) => bad.add({ file, line, reason, detail })),
  );
  const { dropped, badRows } = bad;
  if (pairs.length > 0) return { pairs: withUniqueIds(pairs), dropped, badRows };
  const [first] = badRows;
  throw new DataError({
    subject: first ? `${file}:${first.line}` : file,
    expected: `pairs: rows with ${names.instruction}, ${names.a} and ${names.b}, or with ${names.instruction}, ${names.system} and ${names.response} of two systems or more`,
    received: first ? `${first.reason}: ${first.detail}` : 'no rows',
    remedy: 'Name the columns, e.g. --columns instruction=prompt,a=answer_1,b=answer_2',
  });
}

/** @throws ConfigError */
function columnsOf(columns: Record<string, unknown>): PairColumns {
  const parsed = columnsSchema.safeParse(columns);
  if (parsed.success) return parsed.data;
  throw new ConfigError({
    subject: '--columns',
    expected: 'columns of instruction, a and b, and perhaps of id, systemA, systemB, system and response',
    received: schemaProblems(parsed.error),
    remedy: 'For instance: --columns instruction=prompt,a=answer_1,b=answer_2',
  });
}

/** A row by what it is asked for. */
interface RowReader {
  isThere: (key: keyof PairColumns) => boolean;
  /** Whether it is there and not empty. */
  has: (key: keyof PairColumns) => boolean;
  /** @throws UnusableRow */
  text: (key: keyof PairColumns) => string;
}

function readerOf(row: Record<string, unknown>, names: PairColumns): RowReader {
  const value = (key: keyof PairColumns): unknown => fieldReader(names[key])(row);
  return {
    isThere: (key) => value(key) != null,
    has: (key) => value(key) != null && value(key) !== '',
    text: (key) => {
      const found = value(key);
      if (typeof found === 'string') return found;
      if (typeof found === 'number') return String(found);
      const problem = found == null ? 'nothing' : typeof found;
      throw new UnusableRow('wrong-shape', `column "${names[key]}": expected a text, received ${problem}`);
    },
  };
}

function instructionIn(read: RowReader): string {
  const instruction = read.text('instruction');
  if (instruction.trim() === '') throw new UnusableRow('no-instruction', 'the instruction is empty');
  return instruction;
}

function pairOf(read: RowReader, line: number): PairToJudge {
  const hasSystems = read.has('systemA');
  if (hasSystems !== read.has('systemB'))
    throw new UnusableRow(
      'no-system',
      `${read.text(hasSystems ? 'systemA' : 'systemB')} against a system without a name`,
    );
  if (hasSystems && read.text('systemA') === read.text('systemB'))
    throw new UnusableRow('same-system', `${read.text('systemA')} against itself`);
  return {
    pairId: read.has('id') ? read.text('id') : `row-${line}`,
    instruction: instructionIn(read),
    a: read.text('a'),
    b: read.text('b'),
    ...(hasSystems ? { systems: [read.text('systemA'), read.text('systemB')] } : {}),
  };
}

interface SystemResponse {
  instruction: string;
  system: string;
  response: string;
  line: number;
}

function systemResponse(read: RowReader, line: number): SystemResponse {
  return {
    instruction: instructionIn(read),
    system: read.text('system'),
    response: read.text('response'),
    line,
  };
}

/** Every two systems on one instruction. @param drop called with what is in no pair */
function pairsOfSystems(
  responses: readonly SystemResponse[],
  drop: (response: SystemResponse, reason: string, detail: string) => void,
): PairToJudge[] {
  return [...groupBy(responses, ({ instruction }) => instruction)].flatMap(([instruction, of]) => {
    const bySystem = new Map<string, SystemResponse>();
    for (const response of of) {
      const { system } = response;
      const first = bySystem.get(system);
      if (first)
        drop(response, 'repeated-system', `${system} answers that instruction in line ${first.line}`);
      else bySystem.set(system, response);
    }
    const systems = [...bySystem.values()].sort((x, y) => (x.system < y.system ? -1 : 1));
    const [alone, other] = systems;
    if (alone && !other) drop(alone, 'no-other-system', `only ${alone.system} answers that instruction`);
    return systems.flatMap((x, i) =>
      systems.slice(i + 1).map((y): PairToJudge => ({
        pairId: `${contentHash(instruction).slice(0, 12)} ${x.system} ${y.system}`,
        instruction,
        a: x.response,
        b: y.response,
        systems: [x.system, y.system],
      })),
    );
  });
}

function withUniqueIds(pairs: readonly PairToJudge[]): PairToJudge[] {
  const met = new Map<string, number>();
  const taken = new Set<string>();
  return pairs.map((pair) => {
    let n = (met.get(pair.pairId) ?? 0) + 1;
    const nth = (): string => (n === 1 ? pair.pairId : `${pair.pairId} (${n})`);
    while (taken.has(nth())) n++;
    met.set(pair.pairId, n);
    taken.add(nth());
    return { ...pair, pairId: nth() };
  });
}
