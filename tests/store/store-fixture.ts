// Small stores for tests.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CompletionStore } from '../../lib/src/store/index.js';
import type { Completion } from '../../lib/src/schema/index.js';

/** Entry number i. */
export const entry = (i: number): { key: string; completion: Completion } => ({
  key: `key-${i}`,
  completion: { text: `text ${i}`, finishReason: 'stop' },
});

/** Entries from `from` on and before `to`, each of about `nBytes` bytes. */
export function entries(from: number, to: number, nBytes = 0): ReturnType<typeof entry>[] {
  return Array.from({ length: to - from }, (_, i) => {
    const { key, completion } = entry(from + i);
    return { key, completion: { ...completion, text: completion.text.padEnd(nBytes, '.') } };
  });
}

/** Uses a store of partition `m` and closes it. */
export async function withStore<Result>(
  folder: string,
  segmentName: string,
  use: (store: CompletionStore) => Promise<Result>,
): Promise<Result> {
  const store = new CompletionStore({ folder, segmentName });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Writes each entry with a put of its own. */
export function fill(
  folder: string,
  segmentName: string,
  from: number,
  to: number,
  nBytes = 0,
): Promise<void> {
  return withStore(folder, segmentName, async (store) => {
    await Promise.all(entries(from, to, nBytes).map((each) => store.put('m', [each])));
  });
}

/** The texts under key-from to key-(to-1), as a store of its own finds them, without what was padded; null where there is none. */
export function textsIn(folder: string, from: number, to: number): Promise<(string | null)[]> {
  return withStore(folder, 'reader', async (store) => {
    const found = await store.getAll(
      'm',
      entries(from, to).map(({ key }) => key),
    );
    return found.map((completion) => completion?.text.replace(/\.+$/, '') ?? null);
  });
}

/** Paths of the files of the only partition that end in this way, in order. */
export async function filesOf(folder: string, end = '.jsonl'): Promise<string[]> {
  const [partition] = (await readdir(folder)).filter((name) => /^[0-9a-f]{16}$/.test(name));
  const names = await readdir(join(folder, partition!));
  return names
    .filter((name) => name.endsWith(end))
    .sort()
    .map((name) => join(folder, partition!, name));
}
