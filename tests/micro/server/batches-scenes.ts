// Batches that are cut in their middle: by a server that closes, and by one that was killed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type OpenAI from 'openai';
import { gate, type ScriptedEngine } from './scripted-engine.js';
import {
  batchLines,
  batchResults,
  createBatch,
  until,
  type ServerRoom,
  type TestServer,
} from './server-fixture.js';

/** How many requests of a batch are computed at once. */
export const AT_ONCE = 16;
/** Requests of the batches here. */
export const N_LINES = 20;
/** Requests that have their results when the batch is cut. */
export const N_FIRST = 3;

/** So many answers of one choice. */
export const answers = (nAnswers: number): { texts: string[] }[] =>
  Array.from({ length: nAnswers }, () => ({ texts: ['3'] }));

/** A server in the middle of a batch: three requests have their results, sixteen wait for ever. */
export async function startedBatch(
  room: ServerRoom,
  stateFolder: string,
): Promise<TestServer & { id: string }> {
  const server = await room.start({ stateFolder });
  const never = gate().opened;
  server.engine.add(...answers(N_FIRST));
  server.engine.add(...Array.from({ length: AT_ONCE }, () => ({ texts: ['3'], until: never })));
  const { id } = await createBatch(server.client, batchLines(N_LINES));
  await until(() => (server.engine.requests.length === N_FIRST + AT_ONCE ? true : null));
  return { ...server, id };
}

/** The state folder of a server that was killed in the middle of a batch: a copy of a living one's, with the locks of a dead process. */
export async function killedBatch(
  room: ServerRoom,
): Promise<{ stateFolder: string; id: string; folder: string }> {
  const living = await room.folder();
  const { id, client } = await startedBatch(room, living);
  await until(async () => (await client.batches.retrieve(id)).request_counts?.completed === N_FIRST);
  // A file that is replaced while it is copied is gone: then all is copied again.
  const stateFolder = await until(async () => {
    const copy = await room.folder();
    return cp(living, copy, { recursive: true }).then(
      () => copy,
      () => null,
    );
  });
  const folder = join(stateFolder, 'batches', id);
  const locks = (await readdir(folder)).filter((name) => name.startsWith('batch.lock'));
  assert.equal(locks.length, 1);
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeFile(join(folder, locks[0]!), JSON.stringify({ pid, startedAt: 'long ago' }));
  return { stateFolder, id, folder };
}

/** The seeds that an engine was asked for, sorted. */
export function seedsOf(engine: ScriptedEngine): number[] {
  return engine.requests.map(({ seed }) => seed).sort((a, b) => a - b);
}

/** The ids in a result file, in their order. */
export async function idsOf(client: OpenAI, fileId: string | null | undefined): Promise<string[]> {
  return (await batchResults(client, fileId)).map(({ custom_id }) => custom_id);
}
