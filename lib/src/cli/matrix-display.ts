// Live progress of a matrix: a grid of arms by seeds on a terminal, plain lines elsewhere.
import { printable } from '../core/text.js';
import type { MatrixEvent, MatrixPlace, RunEvent, StageProgress } from '../experiment/index.js';
import { headline, percent } from '../report/index.js';
import { LiveText, type ProgressStream } from './live-text.js';
import { gridLines, type GridCell } from './matrix-grid.js';
import { judgeOn, progressLine } from './progress-display.js';

/** Characters of what a run failed of or waits for. */
const LONGEST_PROBLEM = 500;

/** Turns the events of a matrix into a grid, or into lines. */
export class MatrixDisplay {
  readonly #live: LiveText;
  readonly #cells = new Map<string, GridCell>();
  #arms: string[] = [];
  #seeds: number[] = [];
  #runs: string[] = [];
  #running: { place: MatrixPlace; progress: StageProgress | null } | null = null;

  constructor(stream: ProgressStream, now?: () => number) {
    this.#live = new LiveText(stream, now);
  }

  /** Shows an event. */
  onEvent(event: MatrixEvent): void {
    switch (event.kind) {
      case 'planned': {
        const { arms, seeds, runs, folder } = event;
        this.#arms = arms;
        this.#seeds = seeds;
        this.#runs = runs.map(keyOf);
        return this.#print(
          `${runs.length} runs, arms by loop seeds ${arms.length} by ${seeds.length}; ${folder}`,
        );
      }
      case 'run':
        return this.#onRunEvent(event, event.event);
      case 'run-finished': {
        const accuracies = event.iterations.map(({ metrics }) => metrics.accuracy.value);
        this.#running = null;
        this.#cells.set(keyOf(event), { kind: 'finished', accuracy: accuracies.at(-1) ?? null });
        if (this.#isTerminal) return this.#draw();
        return this.#print(`${this.#nameOf(event)}: ${accuracies.map(percent).join(' → ')} %`);
      }
      case 'run-failed':
        this.#running = null;
        this.#cells.set(keyOf(event), { kind: event.waitsAt ? 'ended' : 'failed' });
        return this.#print(
          `${this.#nameOf(event)} ${event.waitsAt ? 'waits' : 'failed'}: ${printable(event.problem, LONGEST_PROBLEM)}`,
        );
    }
  }

  /** Leaves the grid on the screen. */
  close(): void {
    if (this.#live.hasText) this.#draw();
    this.#live.leave();
  }

  get #isTerminal(): boolean {
    return this.#live.isTerminal;
  }

  #onRunEvent(place: MatrixPlace, event: RunEvent): void {
    switch (event.kind) {
      case 'started':
        this.#running = { place, progress: null };
        this.#cells.set(keyOf(place), { kind: 'running', iteration: 0, stage: '' });
        if (event.state === 'finished-before' || this.#isTerminal) return;
        return this.#print(
          `${this.#nameOf(place)}: ${event.state === 'new' ? 'starting' : 'continuing'} ${event.folder}`,
        );
      case 'progress':
        return this.#onProgress(place, event.progress);
      case 'warning':
        return this.#print(`warning: ${printable(event.message)}`);
      case 'iteration-finished': {
        if (this.#isTerminal) return;
        const { iteration, metrics, benchmark } = event.metrics;
        return this.#print(
          `${this.#nameOf(place)}: iteration ${iteration}  ${judgeOn(benchmark)}: ${headline(metrics.accuracy)}`,
        );
      }
      case 'stage-finished':
    }
  }

  #onProgress(place: MatrixPlace, progress: StageProgress): void {
    const { iteration, stage } = progress;
    this.#running = { place, progress };
    this.#cells.set(keyOf(place), { kind: 'running', iteration, stage });
    if (!this.#live.isDue) return;
    if (this.#isTerminal) this.#draw();
    else this.#print(`${this.#nameOf(place)}: ${progressLine(progress)}`);
  }

  /** `2 of 9, N=5, seed 11`. */
  #nameOf(place: MatrixPlace): string {
    const at = this.#runs.indexOf(keyOf(place)) + 1;
    return `${at} of ${this.#runs.length}, ${printable(place.arm)}, seed ${place.seed}`;
  }

  #print(line: string): void {
    this.#live.print(line);
    if (this.#isTerminal) this.#draw();
  }

  #draw(): void {
    const { size } = this.#live;
    const running = this.#running;
    const lines = gridLines({
      arms: this.#arms,
      seeds: this.#seeds,
      cellOf: (arm, seed) => this.#cells.get(keyOf({ arm, seed })) ?? { kind: 'waiting' },
      running: running?.place.arm ?? null,
      size,
    });
    if (running?.progress) {
      const name = `${this.#nameOf(running.place)}: `;
      const width = Math.max(0, size.width - name.length);
      lines.push(`${name}${progressLine(running.progress, { width })}`.slice(0, size.width));
    }
    this.#live.draw(lines.map((line) => `${line}\n`).join(''));
  }
}

function keyOf({ arm, seed }: MatrixPlace): string {
  return JSON.stringify([arm, seed]);
}
