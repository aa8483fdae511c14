// A process that computes what it claims and writes down what it computed: `claiming-process <folder> <order> <delay ms> <mode>`.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deriveRandom } from '../../lib/src/core/random.js';
import { CompletionStore } from '../../lib/src/store/index.js';

const N_KEYS = 300;
/** The one that hangs holds fewer than the other does at once, so that the other can do the rest. */
const AT_ONCE = { work: 16, hang: 8 };

/** @param mode `work`: until everything is there; `hang`: claims, computes nothing, and waits to be killed */
async function run([folder = '', order = '', delayMs = '0', mode]: string[]): Promise<void> {
  const store = new CompletionStore({
    folder: join(folder, 'store'),
    segmentName: `${order}-${process.pid}`,
  });
  const signal = new AbortController().signal;
  const keys = deriveRandom(order).shuffled(Array.from({ length: N_KEYS }, (_, i) => `key-${i}`));
  process.send?.('ready');
  await new Promise((resolve) => process.once('message', resolve));

  const compute = async (key: string): Promise<void> => {
    const [found] = await store.getAll('m', [key]);
    if (found) return;
    const claim = await store.claim('m', key, signal);
    try {
      if (mode === 'hang') await hang();
      if ((await store.getAll('m', [key]))[0]) return;
      await sleep(Number(delayMs));
      appendFileSync(join(folder, 'computed'), `${key}\n`);
      await store.put('m', [{ key, completion: { text: `of ${order}`, finishReason: 'stop' } }]);
    } finally {
      claim.release();
    }
  };
  const nAtOnce = mode === 'hang' ? AT_ONCE.hang : AT_ONCE.work;
  let nHeld = 0;
  const hang = async (): Promise<void> => {
    if (++nHeld === nAtOnce) process.send?.('hangs');
    await sleep(60_000);
  };
  let next = 0;
  const workers = Array.from({ length: nAtOnce }, async () => {
    for (let key = keys[next++]; key !== undefined; key = keys[next++]) await compute(key);
  });
  await Promise.all(workers);
  const missing = (await store.getAll('m', keys)).filter((found) => found === null).length;
  await store.close();
  process.send?.(`missing ${missing}`);
  process.disconnect();
}

void run(process.argv.slice(2));
