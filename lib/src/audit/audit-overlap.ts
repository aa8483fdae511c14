// The overlap audit: do the training texts of a judge contain items of its benchmark?
import { printable } from '../core/text.js';
import type { BenchmarkItem } from '../schema/benchmark-item.js';
import type {
  AuditedText,
  Overlap,
  OverlapCounts,
  OverlapKind,
  OverlappingItem,
  OverlapReport,
} from '../schema/overlap.js';
import { BenchmarkIndex, isStronger, type TextMatch } from './benchmark-index.js';
import { waiverReason, type OverlapOptions } from './overlap-config.js';
import { textsOfItem } from './texts.js';

/** Characters of a text that a report shows. */
const EXCERPT_LENGTH = 160;

/**
 * Compares training texts with a benchmark. The benchmark is indexed and the training texts are streamed: memory grows with the benchmark
 * only, and each word is read once.
 * @throws the signal's reason when it aborts, and errors of the stream
 */
export async function auditOverlap(
  trainingTexts: AsyncIterable<AuditedText> | Iterable<AuditedText>,
  items: readonly BenchmarkItem[],
  { options, signal }: { options: OverlapOptions; signal: AbortSignal },
): Promise<OverlapReport> {
  const audit = new OverlapAudit(items, options);
  for await (const text of trainingTexts) {
    signal.throwIfAborted();
    audit.add(text);
  }
  return audit.report();
}

/** The overlaps of one item so far. */
interface ItemFinding {
  strongest: Overlap;
  nTrainingTexts: number;
}

/** An audit under way, of which {@link auditOverlap} is the whole. */
export class OverlapAudit {
  readonly #options: OverlapOptions;
  readonly #items: readonly BenchmarkItem[];
  /** All texts, and for each the index of its item. */
  readonly #texts: AuditedText[] = [];
  readonly #itemOfText: number[] = [];
  readonly #index: BenchmarkIndex;
  readonly #findings = new Map<number, ItemFinding>();
  readonly #training: OverlapReport['training'] = { instruction: noCounts(), response: noCounts() };
  readonly #examples: Overlap[] = [];

  constructor(items: readonly BenchmarkItem[], options: OverlapOptions) {
    this.#items = items;
    this.#options = options;
    items.forEach((item, place) => {
      for (const text of textsOfItem(item, options.benchmarkFields)) {
        this.#texts.push(text);
        this.#itemOfText.push(place);
      }
    });
    this.#index = new BenchmarkIndex(this.#texts, options);
  }

  /** Adds a text. @returns its strongest overlap that no waiver covers; null where there is none */
  add(text: AuditedText): Overlap | null {
    if (!this.#options.trainingFields.includes(text.field)) return null;
    const counts = this.#training[text.field];
    counts.n++;
    const matches = this.#index.matchesOf(text);
    if (matches.length === 0) return null;
    let strongest: TextMatch | null = null;
    let open: TextMatch | null = null;
    const itemsMet = new Set<number>();
    for (const match of matches) {
      if (strongest === null || isStronger(match, strongest)) strongest = match;
      const item = this.#itemOfText[match.text] ?? 0;
      if (!this.#isWaived(item, match) && (open === null || isStronger(match, open))) open = match;
      const finding = this.#findings.get(item);
      if (!finding) this.#findings.set(item, { strongest: this.#overlapOf(match, text), nTrainingTexts: 1 });
      else {
        if (isStronger(match, finding.strongest)) finding.strongest = this.#overlapOf(match, text);
        // Several texts of an item may match this one.
        if (!itemsMet.has(item)) finding.nTrainingTexts++;
      }
      itemsMet.add(item);
    }
    if (strongest === null) return null;
    countKind(counts, strongest.kind);
    if (this.#examples.length < this.#options.examples) this.#examples.push(this.#overlapOf(strongest, text));
    return open && this.#overlapOf(open, text);
  }

  #isWaived(item: number, { kind }: TextMatch): boolean {
    const { itemId = '', slice: subset = '' } = this.#items[item] ?? {};
    return waiverReason({ itemId, subset, kind }, this.#options.waive) !== null;
  }

  #overlapOf({ text, kind, benchmarkShare, trainingShare }: TextMatch, training: AuditedText): Overlap {
    const benchmark = this.#texts[text];
    if (!benchmark) throw new RangeError(`expected a text of the benchmark, received ${text}`);
    return { kind, benchmark: shown(benchmark), training: shown(training), benchmarkShare, trainingShare };
  }

  report(): OverlapReport {
    const { runWords, shingleWords, share, minWords, boilerplateItems = null } = this.#options;
    const { benchmarkFields, trainingFields, waive, action } = this.#options;
    const measure = { runWords, shingleWords, share, minWords, boilerplateItems, ...(action && { action }) };
    const bySubset = new Map<string, OverlapCounts>();
    const overlappingItems: OverlappingItem[] = [];
    this.#items.forEach(({ itemId, slice: subset }, place) => {
      const counts = bySubset.get(subset) ?? noCounts();
      bySubset.set(subset, counts);
      counts.n++;
      const finding = this.#findings.get(place);
      if (!finding) return;
      countKind(counts, finding.strongest.kind);
      const reason = waiverReason({ itemId, subset, kind: finding.strongest.kind }, waive);
      overlappingItems.push({
        itemId,
        subset,
        ...finding,
        runShare: this.#runShareOf(place),
        ...(reason === null ? {} : { waivedBecause: reason }),
      });
    });
    return {
      settings: { ...measure, benchmarkFields, trainingFields },
      items: Object.fromEntries(bySubset),
      training: this.#training,
      overlappingItems,
      trainingExamples: this.#examples,
      nNotWaived: overlappingItems.filter(({ waivedBecause }) => waivedBecause === undefined).length,
    };
  }

  /** The largest share among the texts of an item. */
  #runShareOf(item: number): number | null {
    let largest: number | null = null;
    for (let text = this.#itemOfText.indexOf(item); this.#itemOfText[text] === item; text++) {
      const share = this.#index.runShareOf(text);
      if (share !== null) largest = Math.max(largest ?? 0, share);
    }
    return largest;
  }
}

function shown({ text, ...rest }: AuditedText): Overlap['benchmark'] {
  return { ...rest, excerpt: printable(text, EXCERPT_LENGTH) };
}

function noCounts(): OverlapCounts {
  return { n: 0, sameText: 0, nearDuplicate: 0, sharedRun: 0 };
}

function countKind(counts: OverlapCounts, kind: OverlapKind): void {
  if (kind === 'same-text') counts.sameText++;
  else if (kind === 'near-duplicate') counts.nearDuplicate++;
  else counts.sharedRun++;
}
