// How long the whole run may still take, from the stages that were measured so far.
import type { StageRecord } from '../../schema/manifest.js';
import type { RunEvent, RunLeft, Stage, StageProgress } from './events.js';

/** The stages of an iteration that take time. The others read and write files. */
const LONG_STAGES = ['generate', 'judge', 'finetune', 'evaluate'] as const;

/** Measures the stages of a run. Iterations take equally many instructions, so a stage is expected to take what it took before. */
export class RunPace {
  readonly #nIterations: number;
  /** Milliseconds of the last stage of each kind that was not mostly answered by the completion store. */
  readonly #measured = new Map<Stage, number>();

  constructor(nIterations: number) {
    this.#nIterations = nIterations;
  }

  /** Receives an event of the run. */
  onEvent(event: RunEvent): void {
    if (event.kind === 'stage-finished' && isMeasure(event.record))
      this.#measured.set(event.record.stage as Stage, event.record.wallMs);
  }

  /** What is left while a stage is at work; null before anything was measured. */
  left(progress: StageProgress): RunLeft | null {
    const { iteration, stage } = progress;
    const present = this.#leftOf(progress);
    const at = LONG_STAGES.findIndex((each) => each === stage);
    const toCome: Stage[] = LONG_STAGES.filter((_, i) => iteration > 0 && i > at && at >= 0);
    if (stage === 'classify') toCome.push('evaluate');
    if (stage === 'select') toCome.push(...LONG_STAGES);
    if (stage === 'filter' || stage === 'prefer') toCome.push('finetune', 'evaluate');
    for (let next = iteration + 1; next <= this.#nIterations; next++) toCome.push(...LONG_STAGES);
    const unmeasured = new Set<Stage>(present === null && isLong(stage) ? [stage] : []);
    let ms = present ?? 0;
    for (const each of toCome) {
      const known = this.#measured.get(each);
      if (known === undefined) unmeasured.add(each);
      else ms += known;
    }
    return ms === 0 ? null : { ms, unmeasured: [...unmeasured] };
  }

  /** Of the stage at work: at its own rate, or what it took before. */
  #leftOf({ stage, done, total, elapsedMs, usage }: StageProgress): number | null {
    const isMostlyStored = usage.cachedCompletions > usage.completions;
    if (total !== null && done > 0 && elapsedMs > 0 && !isMostlyStored)
      return ((total - done) * elapsedMs) / done;
    const before = this.#measured.get(stage);
    return before === undefined ? null : Math.max(0, before - elapsedMs);
  }
}

function isLong(stage: Stage): boolean {
  return stage === 'classify' || LONG_STAGES.some((each) => each === stage);
}

function isMeasure({ wallMs, usage }: StageRecord): boolean {
  return wallMs > 0 && usage.cachedCompletions <= usage.completions;
}
