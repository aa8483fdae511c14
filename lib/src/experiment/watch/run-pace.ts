// How long the whole run may still take, from the stages that were measured so far.
import { stageName, type StageRecord } from '../../schema/manifest.js';
import type { RunEvent, RunLeft, Stage, StageProgress } from './events.js';

/** The stages of an iteration that take time, before it is measured. The others read and write files. */
const LONG_STAGES = ['generate', 'judge', 'finetune'] as const;

/** A stage; of several evaluations, the benchmark. */
type Step = Pick<StageProgress, 'stage' | 'benchmark'>;

/** Measures the stages of a run. Iterations take equally many instructions, so a stage is expected to take what it took before. */
export class RunPace {
  readonly #nIterations: number;
  readonly #measuring: readonly Step[];
  /** Milliseconds of the last step of each name that was not mostly answered by the completion store. */
  readonly #measured = new Map<string, number>();

  /**
   * @param benchmarks names of several; undefined for a single one
   * @param isAudited whether probes are tried on every judge
   */
  constructor(
    nIterations: number,
    benchmarks: readonly (string | undefined)[] = [undefined],
    isAudited = false,
  ) {
    this.#nIterations = nIterations;
    const evaluations = benchmarks.map((benchmark): Step => ({ stage: 'evaluate', benchmark }));
    this.#measuring = isAudited ? [...evaluations, { stage: 'audit' }] : evaluations;
  }

  /** Receives an event of the run. */
  onEvent(event: RunEvent): void {
    if (event.kind === 'stage-finished' && isMeasure(event.record))
      this.#measured.set(stageName(event.record), event.record.wallMs);
  }

  /** What is left while a stage is at work; null before anything was measured. */
  left(progress: StageProgress): RunLeft | null {
    const { iteration, stage } = progress;
    const present = this.#leftOf(progress);
    const measuring = this.#measuring;
    const steps: Step[] = [...LONG_STAGES.map((each) => ({ stage: each })), ...measuring];
    const at = steps.findIndex((each) => stageName(each) === stageName(progress));
    const toCome = at === -1 ? [] : steps.slice(at + 1);
    if (stage === 'classify') toCome.push(...measuring);
    if (stage === 'select') toCome.push(...steps);
    if (stage === 'filter' || stage === 'prefer' || stage === 'reward')
      toCome.push({ stage: 'finetune' }, ...measuring);
    for (let next = iteration + 1; next <= this.#nIterations; next++) toCome.push(...steps);
    const unmeasured = new Set<Stage>(present === null && isLong(stage) ? [stage] : []);
    let ms = present ?? 0;
    for (const each of toCome) {
      const known = this.#measured.get(stageName(each));
      if (known === undefined) unmeasured.add(each.stage);
      else ms += known;
    }
    return ms === 0 ? null : { ms, unmeasured: [...unmeasured] };
  }

  /** Of the stage at work: at its own rate, or what it took before. */
  #leftOf({ done, total, elapsedMs, usage, ...step }: StageProgress): number | null {
    const isMostlyStored = usage.cachedCompletions > usage.completions;
    if (total !== null && done > 0 && elapsedMs > 0 && !isMostlyStored)
      return ((total - done) * elapsedMs) / done;
    const before = this.#measured.get(stageName(step));
    return before === undefined ? null : Math.max(0, before - elapsedMs);
  }
}

function isLong(stage: Stage): boolean {
  return ['classify', ...LONG_STAGES, 'evaluate', 'audit'].includes(stage);
}

function isMeasure({ wallMs, usage }: StageRecord): boolean {
  return wallMs > 0 && usage.cachedCompletions <= usage.completions;
}
