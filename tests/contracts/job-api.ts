// What the API of every server of fine-tuning jobs must do. Each call is one attempt.
import assert from 'node:assert/strict';
import type { FineTuneRequest, JobStatus } from '../../lib/src/finetune/index.js';
import type { JobApi } from '../../lib/src/finetune/job-api.js';
import { until } from '../micro/server/server-fixture.js';
import { FAILURE, type TrainerKind, type TrainerWorld } from './fine-tune-backend.js';

/** A server, as the contract needs it. */
export interface JobApiKind<World extends TrainerWorld> extends Omit<TrainerKind, 'open'> {
  open: () => Promise<World>;
  api: (world: World) => JobApi;
}

/** A signal that never aborts: one for each call, since the client leaves a listener on it. */
const never = (): AbortSignal => new AbortController().signal;

/** Runs the contract against a server that is made anew for each case. */
export function describeJobApi<World extends TrainerWorld>(
  name: string,
  { open, api: apiOf, missesModels, refused }: JobApiKind<World>,
): void {
  describe(`${name} as an API of jobs`, () => {
    const inWorld = (title: string, test: (api: JobApi, world: World) => Promise<void>): void => {
      it(title, async () => {
        const world = await open();
        try {
          await test(apiOf(world), world);
        } finally {
          await world.close();
        }
      });
    };

    /** Uploads and creates; returns the id and the request. */
    const create = async (
      api: JobApi,
      world: World,
      parts: Partial<FineTuneRequest> = {},
    ): Promise<{ id: string; request: FineTuneRequest }> => {
      const request = await world.request(parts);
      api.check(request);
      const keys = (idempotencyKey: string): { idempotencyKey: string; signal: AbortSignal } => ({
        idempotencyKey,
        signal: never(),
      });
      const trainingFileId = await api.upload(request.trainingFilePath, keys(`file-${request.jobKey}`));
      const files = { trainingFileId, validationFileId: undefined };
      return { id: await api.create(request, files, keys(request.jobKey)), request };
    };

    const ended = (api: JobApi, id: string): Promise<JobStatus> =>
      until(async () => {
        const status = await api.retrieve(id, never());
        return status.state === 'waiting' || status.state === 'running' ? null : status;
      });

    inWorld('lists the jobs of a key alone, the newest first', async (api, world) => {
      const request = await world.request();
      assert.deepEqual(await api.list(request.jobKey, never()), []);
      const first = await create(api, world);
      const other = await create(api, world, { jobKey: 'ffff456789abcdef' });
      assert.deepEqual(
        (await api.list(request.jobKey, never())).map(({ id }) => id),
        [first.id],
      );
      assert.deepEqual(
        (await api.list('ffff456789abcdef', never())).map(({ id }) => id),
        [other.id],
      );
      await api.cancel(first.id, never());
      await ended(api, first.id);
      const second = await create(api, world);
      const listed = await api.list(request.jobKey, never());
      assert.deepEqual(
        listed.map(({ id }) => id),
        [second.id, first.id],
      );
      assert.equal(listed[1]?.status.state, 'cancelled');
    });

    inWorld(
      'retrieves a job while it runs, and the model and the checkpoints of its end',
      async (api, world) => {
        const { id, request } = await create(api, world);
        const status = await until(async () => {
          const found = await api.retrieve(id, never());
          return found.state === 'running' ? found : null;
        });
        assert.ok(status.detail.length > 0);
        await world.decide('succeed');
        const end = await ended(api, id);
        assert.ok(end.state === 'succeeded' && end.model.length > 0);
        assert.deepEqual(await api.checkpoints(id, never()), world.checkpointsOf(end.model));
        const [listed] = await api.list(request.jobKey, never());
        assert.deepEqual(listed, { id, status: end });
        assert.equal(await api.isGone(end.model, never()), false);
        if (!missesModels) return;
        assert.ok(world.remove);
        await world.remove(end.model);
        assert.equal(await api.isGone(end.model, never()), true);
      },
    );

    inWorld(
      "returns the server's words unchanged: the reason of a failure, and each event once",
      async (api, world) => {
        await world.decide('fail');
        const { id } = await create(api, world);
        const end = await ended(api, id);
        assert.ok(end.state === 'failed' && end.detail.includes(FAILURE));
        const news = await api.events(id, null, never());
        assert.ok(news.events.some(({ message }) => message.includes(FAILURE)));
        assert.deepEqual((await api.events(id, news.cursor, never())).events, []);
        assert.deepEqual(await api.events(id, null, never()), news);
      },
    );

    inWorld('cancels a job, and rejects a job that does not exist', async (api, world) => {
      const { id } = await create(api, world);
      await api.cancel(id, never());
      assert.equal((await ended(api, id)).state, 'cancelled');
      await assert.rejects(api.retrieve('ft-none', never()), { status: 404 });
      await assert.rejects(api.cancel('ft-none', never()), { status: 404 });
    });

    for (const { parts, message } of refused) {
      inWorld(`refuses ${JSON.stringify(parts)}`, async (api, world) => {
        const request = await world.request(parts);
        assert.throws(() => {
          api.check(request);
        }, message);
      });
    }

    inWorld('stops at its signal', async (api, world) => {
      const { id, request } = await create(api, world);
      const stopped = AbortSignal.abort(new Error('the user stopped it'));
      for (const call of [
        api.list(request.jobKey, stopped),
        api.retrieve(id, stopped),
        api.cancel(id, stopped),
        api.events(id, null, stopped),
        api.checkpoints(id, stopped),
        api.upload(request.trainingFilePath, { idempotencyKey: 'k', signal: stopped }),
      ])
        await assert.rejects(call);
      assert.notEqual((await api.retrieve(id, never())).state, 'cancelled');
    });
  });
}
