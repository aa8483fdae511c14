// The overlap audit of a pool against a benchmark: time against plain splitting of the same texts into words, and how both grow.
import { auditOverlap, overlapSchema } from '../../lib/src/audit/index.js';
import { deriveRandom } from '../../lib/src/core/random.js';
import type { AuditedText } from '../../lib/src/schema/index.js';

/** Results at one size. */
export interface OverlapBenchRow {
  nTexts: number;
  /** Processor time of the audit, of making the texts left out. */
  auditMs: number;
  splitMs: number;
  /** Training texts that overlap. */
  nFound: number;
  /** Peak memory of the process so far, in MiB. */
  peakMiB: number;
}

const SIZES = [30_000, 300_000];
const N_ITEMS = 3000;
const N_WORDS = 100;
/** One text in so many holds an item. */
const EVERY = 1000;

/** Measures, prints and returns. Takes about a minute. */
export async function benchOverlap(): Promise<OverlapBenchRow[]> {
  const items = Array.from({ length: N_ITEMS }, (_, i) => ({
    itemId: `item-${i}`,
    instruction: sentence('item', i),
    slice: 'all',
    errorKind: 'none',
    winner: 'a',
    loser: 'b',
  }));
  const rows: OverlapBenchRow[] = [];
  for (const nTexts of SIZES) {
    const textOf = (i: number): string =>
      i % EVERY === 0 ? (items[(i / EVERY) % N_ITEMS]?.instruction ?? '') : sentence('text', i);
    let nWords = 0;
    const making = processorMs(() => {
      for (let i = 0; i < nTexts; i++) nWords += textOf(i).length > 0 ? 1 : 0;
    });
    const splitting = processorMs(() => {
      for (let i = 0; i < nTexts; i++) nWords += textOf(i).toLowerCase().split(/\W+/).length;
    });
    if (nWords < nTexts) throw new RangeError('expected texts of several words');
    const before = process.cpuUsage();
    const report = await auditOverlap(stream(nTexts, textOf), items, {
      options: overlapSchema.parse({}),
      signal: new AbortController().signal,
    });
    const { user, system } = process.cpuUsage(before);
    const nFound = report.training.instruction.sameText;
    if (nFound !== nTexts / EVERY) throw new RangeError(`found ${nFound} of ${nTexts / EVERY}`);
    rows.push({
      nTexts,
      auditMs: (user + system) / 1000 - making,
      splitMs: splitting - making,
      nFound,
      peakMiB: process.resourceUsage().maxRSS / 1024,
    });
  }
  print(rows);
  return rows;
}

function* stream(nTexts: number, textOf: (i: number) => string): Generator<AuditedText> {
  for (let i = 0; i < nTexts; i++)
    yield { id: `text-${i}`, field: 'instruction', text: textOf(i), subset: 'pool' };
}

/** Words of which some are frequent, as in a language: half of all stand among a few hundred. */
function sentence(name: string, index: number): string {
  const random = deriveRandom('bench-overlap', name, index);
  let text = '';
  for (let i = 0; i < N_WORDS; i++) text += `w${Math.floor(20_000 * random.next() ** 4)} `;
  return text;
}

function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function print(rows: readonly OverlapBenchRow[]): void {
  console.log(`\noverlap of texts of ${N_WORDS} words with ${N_ITEMS.toLocaleString('en')} benchmark items`);
  for (const { nTexts, auditMs, splitMs, nFound, peakMiB } of rows) {
    console.log(
      `  ${nTexts.toLocaleString('en').padStart(9)} texts  ${(auditMs / 1000).toFixed(1)} s of processor time = ` +
        `${(auditMs / splitMs).toFixed(1)}x splitting them into words; ${nFound} found; peak ${peakMiB.toFixed(0)} MiB`,
    );
  }
}
