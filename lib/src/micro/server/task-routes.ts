// The routes that fine-tuning jobs and batches have in common: create, list, retrieve, cancel.
import { z } from 'zod';
import { contentHash } from '../../core/hash.js';
import { badRequest, notFound } from './api-error.js';
import type { Exchange, Route } from './http-server.js';
import { idempotencyKeyOf, keyReused } from './replay-memory.js';
import type { View } from './paging.js';
import type { ServerContext } from './server-context.js';
import { TaskRunner, type TaskWork } from './task-runner.js';
import type { Task, TaskRequest, TaskStore } from './task-store.js';

/** What is new about a task when it is created. */
export type NewTask = Pick<TaskRequest, 'id' | 'createdMs' | 'bodyHash'>;

/** How tasks of one kind are offered. */
interface TaskKind<Kind extends Task> {
  /** E.g. `/v1/batches`. */
  path: string;
  /** Names the kind in errors, in codes such as `batch_not_found`, and in the ids of idempotency keys. */
  noun: 'job' | 'batch';
  store: TaskStore<Kind>;
  work: TaskWork<Kind>;
  /** Checks a request body. @returns what makes the task of it @throws ApiError */
  parse: (body: unknown) => (parts: NewTask) => Promise<Kind['request']>;
  /** Called after a new task is on disk. Default: nothing happens. */
  onCreated?: () => void;
  /** Cancels. @returns whether that was still possible */
  cancel: (task: Kind) => Promise<boolean>;
  view: (task: Kind) => View;
  /** One page of the tasks, newest first. */
  page: (tasks: Kind[], query: URLSearchParams) => unknown;
}

/** Tasks of one kind, as a server offers and works them. */
export interface TaskApi<Kind extends Task> {
  routes: Route[];
  runner: TaskRunner<Kind>;
  /** A task as it is now; one whose server has died is taken over by this one. @throws ApiError 404 */
  current: (id: string) => Promise<Kind>;
}

/** Metadata of a task. */
export const taskMetadata = z
  .record(z.string().min(1).max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, { error: 'expected at most 16 pairs' })
  .nullish();

/** The routes, with a queue of their own. */
export function taskRoutes<Kind extends Task>(
  { clock, newToken }: Pick<ServerContext, 'clock' | 'newToken'>,
  kind: TaskKind<Kind>,
): TaskApi<Kind> {
  const { path, noun, store, view } = kind;
  const runner = new TaskRunner(kind.work);

  const find = async (id: string): Promise<Kind> => {
    const task = await store.find(id);
    if (task !== null) return task;
    const name = noun === 'job' ? 'fine-tuning job' : noun;
    throw notFound(`There is no ${name} "${id.slice(0, 100)}" here. GET ${path} lists them.`, {
      code: `${noun}_not_found`,
    });
  };
  const current = async (id: string): Promise<Kind> => {
    const task = await find(id);
    if (task.outcome !== null) return task;
    await runner.takeOver(task);
    return find(id);
  };

  const create = async ({ request, response, body }: Exchange): Promise<View> => {
    const key = idempotencyKeyOf(request.headers);
    const make = kind.parse(body);
    const bodyHash = contentHash(body);
    const { id, earlier } = await idFor(kind, key, newToken);
    const isNew = earlier === null && (await store.create(await make({ id, createdMs: clock(), bodyHash })));
    if (isNew) kind.onCreated?.();
    else {
      // The same key came before, or twice at once, here or at another server.
      const first = earlier ?? (await store.find(id));
      if (first?.request.bodyHash !== bodyHash) throw keyReused();
      response.setHeader('x-idempotent-replay', 'true');
    }
    return view(await current(id));
  };

  const cancel = async ({ id }: Exchange): Promise<View> => {
    const task = await find(id);
    if (task.outcome !== null || !(await kind.cancel(task))) {
      const { status = 'unknown' } = task.outcome ?? (await store.outcomeOf(id)) ?? {};
      throw badRequest(
        `The ${noun} ${id} has ended already: ${status}. Only one that waits or runs can be cancelled.`,
        { code: `${noun}_ended` },
      );
    }
    runner.stop(id);
    return view(await current(id));
  };

  const list = async ({ query }: Exchange): Promise<unknown> => {
    await runner.takeOverAll();
    return kind.page(await store.list(), query);
  };

  return {
    current,
    runner,
    routes: [
      { method: 'POST', path, handle: create },
      { method: 'GET', path, handle: list },
      { method: 'GET', path: `${path}/:id`, handle: async ({ id }) => view(await current(id)) },
      { method: 'POST', path: `${path}/:id/cancel`, handle: cancel },
    ],
  };
}

/**
 * The id of a new task, or the task that this key made before. A key whose task failed or was cancelled is free again:
 * a client that repeats the request wants the result, not the earlier failure.
 */
async function idFor<Kind extends Task>(
  { store, noun }: TaskKind<Kind>,
  key: string | null,
  newToken: () => string,
): Promise<{ id: string; earlier: Kind | null }> {
  if (key === null) return { id: store.newId(newToken()), earlier: null };
  for (let attempt = 0; ; attempt++) {
    const id = store.idOfKey(noun, key, attempt);
    const isTaken = await store.isTaken(id);
    const earlier = await store.find(id);
    // A damaged one is as useless as one that failed.
    if (earlier === null && isTaken) continue;
    if (earlier === null || !['failed', 'cancelled'].includes(earlier.outcome?.status ?? ''))
      return { id, earlier };
  }
}
