// Worker thread of the trainer: runs the tasks it is sent, in order; thread 0 reports.
import { parentPort, workerData } from 'node:worker_threads';
import { TrainingThread, type TrainingTask, type TrainingThreadSetup } from './training-thread.js';

const setup = workerData as TrainingThreadSetup;
const thread = new TrainingThread(setup);

parentPort?.on('message', (task: TrainingTask) => {
  const report = thread.run(task);
  if (setup.worker === 0) parentPort?.postMessage(report);
});
