// Worker thread of a view: the figures of two judges.
import { parentPort, workerData } from 'node:worker_threads';
import { failureOf } from '../core/thread-failure.js';
import { figuresOf, type FiguresAnswer, type FiguresTask } from './paired-figures.js';

const answer = (given: FiguresAnswer): void => parentPort?.postMessage(given);

void figuresOf(workerData as FiguresTask).then(
  (figures) => {
    answer({ figures });
  },
  (thrown: unknown) => {
    answer({ failure: failureOf(thrown) });
  },
);
