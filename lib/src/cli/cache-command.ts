// `autodidact cache`: shows the stored completions, verifies them and removes some.
import type { Command } from 'commander';
import { DataError } from '../core/errors.js';
import { printable } from '../core/text.js';
import { count, NO_VALUE, toText } from '../report/index.js';
import {
  pruneStore,
  storeStats,
  verifyStore,
  type PrunedPartition,
  type StoreStats,
} from '../store/index.js';
import { byteSize } from './byte-size.js';
import { notBlank, wholeNumber } from './option-values.js';
import { completionsOption, jsonOption, print, printResult } from './shared-options.js';

/** Damages that are listed one by one. */
const MOST_LISTED = 20;

interface CacheOptions {
  completions: string;
  json: boolean;
}

interface PruneCommandOptions extends CacheOptions {
  olderThan?: number;
  partition?: string;
  dryRun: boolean;
}

/** Adds `cache stats`, `cache verify` and `cache prune` to the program. */
export function addCacheCommand(program: Command, signal: AbortSignal): void {
  const cache = program.command('cache').description('stored completions: stats, verify, prune');
  const shared = (command: Command): Command =>
    command.addOption(completionsOption()).addOption(jsonOption());
  shared(cache.command('stats').description('show what is stored, by model')).action(
    async (options: CacheOptions) =>
      printResult(await storeStats(options.completions, signal), options, (stats) =>
        describeStats(stats, options.completions),
      ),
  );
  shared(cache.command('verify').description('read all stored completions and report damage')).action(
    (options: CacheOptions) => verifyCommand(options, signal),
  );
  shared(
    cache
      .command('prune')
      .description('merge the files of each model; duplicates and damaged lines are removed')
      .option(
        '--older-than <days>',
        'remove files that were last written to so long ago',
        wholeNumber(0, 36_500),
      )
      .option(
        '--partition <text>',
        'only models whose identity contains this text: remove theirs, or with --older-than their old files',
        notBlank,
      )
      .option('--dry-run', 'only report what would be removed', false),
  ).action((options: PruneCommandOptions) => pruneCommand(options, signal));
}

/** The name of a model; earlier versions did not record it. */
function nameOf({ identity, folder }: { identity: string | null; folder: string }): string {
  return identity === null ? `unknown (${folder})` : printable(identity);
}

function describeStats(stats: StoreStats, completions: string): string {
  if (stats.partitions.length === 0) return `no completions in ${completions}`;
  const figures = (of: typeof stats.total): string[] => [
    ...[of.nKeys, of.nEntries, of.nSegments, of.nDamaged].map(count),
    byteSize(of.nBytes),
  ];
  const table = toText({
    header: ['model', 'completions', 'entries', 'files', 'damaged', 'size', 'oldest', 'newest'],
    rows: [
      ...stats.partitions.map((partition) => [
        nameOf(partition),
        ...figures(partition),
        day(partition.oldest),
        day(partition.newest),
      ]),
      ['all', ...figures(stats.total), NO_VALUE, NO_VALUE],
    ],
  });
  return `${table}\n\nstored in ${completions}; autodidact cache verify reads every line`;
}

/** The day of an ISO time. */
function day(time: string | null): string {
  return time?.slice(0, 10) ?? NO_VALUE;
}

/** @throws DataError when something is damaged */
async function verifyCommand({ completions, json }: CacheOptions, signal: AbortSignal): Promise<void> {
  const found = await verifyStore(completions, { mostListed: MOST_LISTED, signal });
  const { damages, nDamaged, nUnfitIndexes } = found;
  const nMore = nDamaged + nUnfitIndexes - damages.length;
  if (json) print(JSON.stringify(found));
  else {
    for (const { file, offset, cause } of damages)
      print(`${printable(file)}, byte ${count(offset)}: ${CAUSES[cause]}`);
    if (nMore > 0) print(`and ${count(nMore)} more`);
    const unfit = nUnfitIndexes === 0 ? '' : `, ${count(nUnfitIndexes)} indexes that do not match`;
    const { nEntries, nLines, nSegments, nBytes } = found;
    print(
      `${count(nEntries)} entries on ${count(nLines)} lines of ${count(nSegments)} files, ${byteSize(nBytes)}; ${count(nDamaged)} damaged${unfit}`,
    );
  }
  if (nDamaged === 0) return;
  throw new DataError({
    subject: `cache verify of ${completions}`,
    expected: 'intact files',
    received: `${count(nDamaged)} damaged`,
    remedy: 'Runs ignore damaged lines and send these requests again. To remove them: autodidact cache prune',
  });
}

const CAUSES = {
  checksum: 'the checksum does not match',
  'not JSON': 'not JSON',
  'not entries': 'not completions',
  'torn tail': 'the last line is incomplete, as after a killed process; no completion that was used is lost',
  index: 'the index does not match; it is not used and will be rebuilt',
} as const;

async function pruneCommand(options: PruneCommandOptions, signal: AbortSignal): Promise<void> {
  const { completions, json, dryRun, olderThan, partition } = options;
  const wanted = { olderThanDays: olderThan, partition, isDryRun: dryRun, nowMs: Date.now() };
  const pruned = await pruneStore(completions, { ...wanted, signal });
  const nBytesFreed = pruned.reduce((sum, each) => sum + each.nBytesBefore - each.nBytesAfter, 0);
  if (json) {
    print(JSON.stringify({ isDryRun: dryRun, partitions: pruned, nBytesFreed }));
    return;
  }
  if (pruned.length === 0) print(`no completions in ${completions}`);
  for (const each of pruned) print(`${nameOf(each)}: ${described(each)}`);
  if (pruned.length > 0) print(`${byteSize(nBytesFreed)} ${dryRun ? 'would be freed' : 'freed'}`);
}

function described(pruned: PrunedPartition): string {
  if (pruned.action === 'unchanged')
    return `${count(pruned.nEntries)} completions in one file, nothing to do`;
  const gone = [
    [pruned.nDuplicates, 'entries that came again'],
    [pruned.nDamaged, 'damaged lines'],
    [pruned.nGone, 'whole files'],
  ] as const;
  const parts = gone.filter(([n]) => n > 0).map(([n, what]) => `${count(n)} ${what}`);
  const without = parts.length === 0 ? '' : `, without ${parts.join(', ')}`;
  const sizes = `${byteSize(pruned.nBytesBefore)} to ${byteSize(pruned.nBytesAfter)}`;
  const files = `${count(pruned.nSegmentsBefore)} files to ${count(pruned.nSegmentsAfter)}`;
  return `${count(pruned.nEntries)} completions stay${without}; ${files}, ${sizes}`;
}
