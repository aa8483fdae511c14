// Worker thread that scans a part of a judgments file.
import { open } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { DrawTask } from './draw-task.js';
import { scanPart } from './judgment-scan.js';

/** What a thread is told. */
export interface ScanSetup {
  path: string;
  part: { start: number; end: number };
  task: DrawTask;
}

const { path, part, task } = workerData as ScanSetup;
const file = await open(path, 'r');
try {
  parentPort?.postMessage(await scanPart(file, part, task));
} finally {
  await file.close();
}
