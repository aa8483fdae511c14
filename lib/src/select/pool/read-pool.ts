// Reads a pool: every row of its files becomes an instruction or a drop with its reason and place.
import { readRows, type Row } from '../../datasets/index.js';
import { dropped, kept, type Outcome } from '../../schema/drop.js';
import { instructionIdOf, type Instruction } from '../../schema/instruction.js';
import { InstructionFilter } from './instruction-filter.js';
import type { PersonalDetail } from './personal-details.js';
import type { Pool } from './pool-config.js';
import { findPoolFiles, type PoolPlaces } from './pool-files.js';
import { poolRowReader, type PoolRow, type PoolRowReader } from './pool-row.js';

/** How a pool is read. */
export interface ReadPoolOptions extends PoolPlaces {
  /** Names the hash functions that find near duplicates. */
  seed: number;
  signal: AbortSignal;
  /** Called for an instruction in which these kinds of personal details were masked. */
  onMasked?: ((kinds: readonly PersonalDetail[]) => void) | undefined;
  /** Called for a row that holds an instruction, before filters. */
  onRow?: ((file: string, row: PoolRow) => void) | undefined;
}

/**
 * The rows of a pool in the order of its files, one at a time: kept as instructions, or dropped under `file:line` as
 *
 * - `unreadable-row`: it is damaged, of another shape than the other rows, too long, or in an unsupported encoding;
 * - `text-missing`, `text-not-a-string`, `text-empty`, `text-not-unicode`, `no-user-message`, `slice-missing`, `complexity-out-of-range`: a
 *   column does not hold a valid value;
 * - `toxic`, `redacted`, `language`, `language-unknown`, `too-short`, `too-long`, `personal-…`: a filter of the pool;
 * - `duplicate`, `near-duplicate`: the detail names the earlier instruction.
 *
 * @throws ConfigError, DataError for a file that is missing, of another format or cut off; the signal's reason when it aborts
 */
export async function* readPool(pool: Pool, options: ReadPoolOptions): AsyncGenerator<Outcome<Instruction>> {
  const { seed, signal, onMasked, onRow } = options;
  const filter = new InstructionFilter(pool.filters, seed);
  for (const { name, path, format, config } of await findPoolFiles(pool, options)) {
    const reader = poolRowReader(config, format);
    for await (const row of readRows(path, { format, columns: reader.columns })) {
      signal.throwIfAborted();
      yield outcomeOf(row, { name, reader, filter, onMasked, onRow });
    }
  }
}

function outcomeOf(
  row: Row,
  context: {
    name: string;
    reader: PoolRowReader;
    filter: InstructionFilter;
    onMasked: ReadPoolOptions['onMasked'];
    onRow: ReadPoolOptions['onRow'];
  },
): Outcome<Instruction> {
  const { name, reader, filter, onMasked, onRow } = context;
  const { line } = row;
  if (!('row' in row)) return dropped(`${name}:${line}`, 'unreadable-row', row.problem);
  const found = reader.read(row.row);
  if ('reason' in found) return dropped(`${name}:${line}`, found.reason, found.detail);
  onRow?.(name, found);
  const passed = filter.take(found, { file: name, line });
  if ('reason' in passed) return dropped(`${name}:${line}`, passed.reason, passed.detail);
  if (passed.masked.length > 0) onMasked?.(passed.masked);
  return kept({
    instructionId: instructionIdOf(passed.text),
    text: passed.text,
    slice: found.slice,
    source: { file: name, line },
    ...(found.systemPrompt !== null && { systemPrompt: found.systemPrompt }),
    ...(found.labels && { labels: found.labels }),
  });
}
