// Live progress of a matrix: a grid of arms by seeds on a terminal, plain lines elsewhere.
import { printable } from '../core/text.js';
import type { MatrixEvent, MatrixPlace, RunEvent, StageProgress } from '../experiment/index.js';
import { percent } from '../report/index.js';
import { gridLines, type GridCell } from './matrix-grid.js';
import { progressLine, type ProgressStream } from './progress-display.js';

/** Without a terminal, progress inside a stage is told this often at most. */
const PLAIN_INTERVAL_MS = 10_000;
/** On a terminal the grid is drawn again this often at most. */
const DRAW_INTERVAL_MS = 100;

/** Turns the events of a matrix into a grid, or into lines. */
export class MatrixDisplay {
  readonly #stream: ProgressStream & { rows?: number };
  readonly #now: () => number;
  readonly #cells = new Map<string, GridCell>();
  #arms: string[] = [];
  #seeds: number[] = [];
  #runs: string[] = [];
  #running: { place: MatrixPlace; progress: StageProgress | null } | null = null;
  /** Lines of the grid that is on the screen. */
  #nDrawn = 0;
  #lastToldMs: number;

  constructor(stream: ProgressStream & { rows?: number }, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
    this.#lastToldMs = now();
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
        this.#cells.set(keyOf(event), { kind: 'failed' });
        return this.#print(`${this.#nameOf(event)} failed: ${printable(event.problem)}`);
    }
  }

  /** Leaves the grid as it is. */
  close(): void {
    if (this.#nDrawn > 0) this.#draw();
    this.#nDrawn = 0;
  }

  get #isTerminal(): boolean {
    return this.#stream.isTTY === true;
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
        const { iteration, metrics } = event.metrics;
        return this.#print(
          `${this.#nameOf(place)}: iteration ${iteration}  judge accuracy ${percent(metrics.accuracy.value)} %`,
        );
      }
      case 'stage-finished':
    }
  }

  #onProgress(place: MatrixPlace, progress: StageProgress): void {
    const { iteration, stage } = progress;
    this.#running = { place, progress };
    this.#cells.set(keyOf(place), { kind: 'running', iteration, stage });
    const intervalMs = this.#isTerminal ? DRAW_INTERVAL_MS : PLAIN_INTERVAL_MS;
    if (this.#now() - this.#lastToldMs < intervalMs) return;
    if (this.#isTerminal) this.#draw();
    else this.#print(`${this.#nameOf(place)}: ${progressLine(progress)}`);
  }

  /** `2 of 9, N=5, seed 11`. */
  #nameOf(place: MatrixPlace): string {
    const at = this.#runs.indexOf(keyOf(place)) + 1;
    return `${at} of ${this.#runs.length}, ${printable(place.arm)}, seed ${place.seed}`;
  }

  #print(line: string): void {
    this.#wipe();
    this.#stream.write(`${line}\n`);
    this.#lastToldMs = this.#now();
    if (this.#isTerminal) this.#draw();
  }

  #draw(): void {
    const width = Math.max(1, (this.#stream.columns ?? 80) - 1);
    const mostLines = Math.max(4, (this.#stream.rows ?? 24) - 2);
    const running = this.#running;
    const lines = gridLines({
      arms: this.#arms,
      seeds: this.#seeds,
      cellOf: (arm, seed) => this.#cells.get(keyOf({ arm, seed })) ?? { kind: 'waiting' },
      running: running?.place.arm ?? null,
      size: { width, mostLines },
    });
    if (running?.progress) {
      const name = `${this.#nameOf(running.place)}: `;
      lines.push(
        `${name}${progressLine(running.progress, { width: Math.max(0, width - name.length) })}`.slice(
          0,
          width,
        ),
      );
    }
    this.#wipe();
    this.#stream.write(lines.map((line) => `${line}\n`).join(''));
    this.#nDrawn = lines.length;
    this.#lastToldMs = this.#now();
  }

  #wipe(): void {
    if (this.#nDrawn > 0) this.#stream.write(`\u001b[${this.#nDrawn}A\r\u001b[J`);
    this.#nDrawn = 0;
  }
}

function keyOf({ arm, seed }: MatrixPlace): string {
  return JSON.stringify([arm, seed]);
}
