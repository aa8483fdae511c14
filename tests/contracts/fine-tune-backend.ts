// What every trainer must do.
import assert from 'node:assert/strict';
import { ConfigError } from '../../lib/src/core/errors.js';
import type { FineTuneBackend, FineTuneRequest, JobStatus } from '../../lib/src/finetune/index.js';
import type { ModelCheckpoint } from '../../lib/src/schema/index.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { until } from '../micro/server/server-fixture.js';

/** What becomes of a trainer's jobs: they wait, they make their model, or they fail for {@link FAILURE}. */
export type JobOutcome = 'hold' | 'succeed' | 'fail';

/** A secret that the trainer repeats in its messages. */
export const SECRET = 'sk-secret-12345';
/** Why jobs fail, in the trainer's words: with a secret and a control sequence. */
export const FAILURE = `the loss of ${SECRET} is not\u001b[31m a number`;

/** A trainer whose jobs do what a test decides. */
export interface TrainerWorld {
  /** A backend over the same trainer, as another process would open it. It redacts {@link SECRET}. */
  backend: () => Promise<FineTuneBackend>;
  request: (parts?: Partial<FineTuneRequest>) => Promise<FineTuneRequest>;
  /** Decides about jobs that have not ended, and later ones; `hold` at first. */
  decide: (outcome: JobOutcome) => Promise<void>;
  /**
   * Does some work that is interrupted at a step of it, as if the program had been stopped there.
   * @param step from 1
   * @returns whether the work came to its end before that step
   */
  interruptedAt: (
    step: number,
    work: (backend: FineTuneBackend, signal: AbortSignal) => Promise<unknown>,
  ) => Promise<boolean>;
  /** The steps that a submission has at least. */
  nSteps: number;
  /** The jobs that the trainer has worked on. */
  nJobs: () => Promise<number>;
  /** The checkpoints of a job that made `model`. */
  checkpointsOf: (model: string) => ModelCheckpoint[];
  /** Removes a model from where it is served. */
  remove?: (model: string) => Promise<void>;
  /** More that has to hold of a job that succeeded after an interruption. */
  check?: (jobId: string) => Promise<void>;
  close: () => Promise<void>;
}

/** A kind of trainer. */
export interface TrainerKind {
  open: () => Promise<TrainerWorld>;
  /** Whether it can know that a model is gone; if so, its world has `remove`. */
  missesModels: boolean;
  /** Requests that it refuses, and what it says. */
  refused: { parts: Partial<FineTuneRequest>; message: RegExp }[];
}

/** The state of a job at its end. */
function endOf(backend: FineTuneBackend, jobId: string): Promise<JobStatus> {
  return until(async () => {
    const status = await backend.poll(jobId, NEVER);
    return status.state === 'waiting' || status.state === 'running' ? null : status;
  });
}

const running = (backend: FineTuneBackend, jobId: string): Promise<JobStatus> =>
  until(async () => {
    const status = await backend.poll(jobId, NEVER);
    return status.state === 'running' ? status : null;
  });

/** Runs the contract against a trainer that is made anew for each case. */
export function describeFineTuneBackend(name: string, { open, missesModels, refused }: TrainerKind): void {
  describe(`${name} as a trainer`, function () {
    this.timeout(60_000);

    const withWorld = async <Result>(test: (world: TrainerWorld) => Promise<Result>): Promise<Result> => {
      const world = await open();
      try {
        return await test(world);
      } finally {
        await world.close();
      }
    };

    const inWorld = (title: string, test: (world: TrainerWorld) => Promise<void>): void => {
      it(title, () => withWorld(test));
    };

    it('is given a job once, whichever step of the submission is interrupted', async () => {
      let step = 0;
      let nSteps = 0;
      let hasEnded: boolean;
      do {
        step++;
        hasEnded = await withWorld(async (world) => {
          nSteps = world.nSteps;
          const request = await world.request();
          const wasWhole = await world.interruptedAt(step, (first, signal) => first.submit(request, signal));
          const backend = await world.backend();
          const jobId = await backend.submit(request, NEVER);
          await world.decide('succeed');
          assert.equal((await endOf(backend, jobId)).state, 'succeeded', `step ${step}`);
          assert.equal(await (await world.backend()).submit(request, NEVER), jobId, `step ${step}`);
          assert.equal(await world.nJobs(), 1, `step ${step}`);
          await world.check?.(jobId);
          return wasWhole;
        });
      } while (!hasEnded);
      assert.ok(step > nSteps, `interrupted ${step - 1} times`);
    });

    it('cancels a job at the next attempt to, whichever step of the first was interrupted', async () => {
      let step = 0;
      let hasEnded: boolean;
      do {
        step++;
        hasEnded = await withWorld(async (world) => {
          const backend = await world.backend();
          const jobId = await backend.submit(await world.request(), NEVER);
          const wasWhole = await world.interruptedAt(step, (first, signal) => first.cancel(jobId, signal));
          await backend.cancel(jobId, NEVER);
          assert.equal((await endOf(backend, jobId)).state, 'cancelled', `step ${step}`);
          return wasWhole;
        });
      } while (!hasEnded);
    });

    inWorld(
      'finds a job that runs or is done by its key, and gives another key another job',
      async (world) => {
        const backend = await world.backend();
        const request = await world.request();
        const first = await backend.submit(request, NEVER);
        await running(backend, first);
        assert.equal(await (await world.backend()).submit(request, NEVER), first);
        await world.decide('succeed');
        await endOf(backend, first);
        assert.equal(await (await world.backend()).submit(request, NEVER), first);
        const other = await backend.submit(await world.request({ jobKey: 'ffff456789abcdef' }), NEVER);
        assert.notEqual(other, first);
        await endOf(backend, other);
        assert.equal(await world.nJobs(), 2);
      },
    );

    inWorld(
      'follows a job to its end: its model and its checkpoints, also after a restart',
      async (world) => {
        const backend = await world.backend();
        const jobId = await backend.submit(await world.request(), NEVER);
        const status = await running(backend, jobId);
        assert.ok('detail' in status && status.detail.length > 0);
        await world.decide('succeed');
        const end = await endOf(backend, jobId);
        assert.ok(end.state === 'succeeded' && end.model.length > 0);
        const restarted = await world.backend();
        assert.deepEqual(await restarted.poll(jobId, NEVER), end);
        const checkpoints = await restarted.checkpoints(jobId, NEVER);
        assert.deepEqual(checkpoints, world.checkpointsOf(end.model));
      },
    );

    inWorld("gives the trainer's reason for a failure, and a new job the next time", async (world) => {
      await world.decide('fail');
      const backend = await world.backend();
      const request = await world.request();
      const first = await backend.submit(request, NEVER);
      const end = await endOf(backend, first);
      assert.equal(end.state, 'failed');
      assert.match('detail' in end ? end.detail : '', /the loss of \[secret\] is not \[31m a number/);
      await world.decide('succeed');
      const second = await backend.submit(request, NEVER);
      assert.notEqual(second, first);
      assert.equal((await endOf(backend, second)).state, 'succeeded');
      assert.equal(await backend.submit(request, NEVER), second);
    });

    inWorld(
      'cancels a job, submits a new one the next time, and leaves an ended one as it is',
      async (world) => {
        const backend = await world.backend();
        const request = await world.request();
        const first = await backend.submit(request, NEVER);
        await running(backend, first);
        await backend.cancel(first, NEVER);
        assert.equal((await endOf(backend, first)).state, 'cancelled');
        await backend.cancel(first, NEVER);
        const second = await backend.submit(request, NEVER);
        assert.notEqual(second, first);
        await world.decide('succeed');
        const end = await endOf(backend, second);
        await backend.cancel(second, NEVER);
        assert.deepEqual(await backend.poll(second, NEVER), end);
        assert.equal((await backend.poll(first, NEVER)).state, 'cancelled');
      },
    );

    const whenGone = async (world: TrainerWorld): Promise<void> => {
      await world.decide('succeed');
      const backend = await world.backend();
      const request = await world.request();
      const first = await backend.submit(request, NEVER);
      const end = await endOf(backend, first);
      assert.ok(end.state === 'succeeded');
      assert.ok(world.remove);
      await world.remove(end.model);
      const second = await backend.submit(request, NEVER);
      assert.notEqual(second, first);
      assert.deepEqual(await endOf(backend, second), end);
      assert.equal(await backend.submit(request, NEVER), second);
      assert.equal(await world.nJobs(), 2);
    };
    if (missesModels) inWorld('trains anew when its model is gone, and once only', whenGone);

    inWorld('hands every message on once, without secrets and control characters', async (world) => {
      await world.decide('fail');
      const backend = await world.backend();
      const jobId = await backend.submit(await world.request(), NEVER);
      await endOf(backend, jobId);
      const first = await backend.events(jobId, null, NEVER);
      const messages = first.events.map(({ message }) => message);
      assert.match(messages.join('\n'), /the loss of \[secret\] is not \[31m a number/);
      assert.deepEqual(await (await world.backend()).events(jobId, null, NEVER), first);
      assert.deepEqual((await backend.events(jobId, first.cursor, NEVER)).events, []);
    });

    for (const { parts, message } of refused) {
      inWorld(`refuses ${JSON.stringify(parts)} before it does anything`, async (world) => {
        const backend = await world.backend();
        await assert.rejects(backend.submit(await world.request(parts), NEVER), (thrown: Error) => {
          assert.ok(thrown instanceof ConfigError);
          assert.match(thrown.message, message);
          return true;
        });
        assert.equal(await world.nJobs(), 0);
      });
    }

    inWorld('stops with the reason of its signal', async (world) => {
      const backend = await world.backend();
      const request = await world.request();
      const stopped = AbortSignal.abort(new Error('the user stopped it'));
      const reason = /the user stopped it/;
      await assert.rejects(backend.submit(request, stopped), reason);
      assert.equal(await world.nJobs(), 0);
      const jobId = await backend.submit(request, NEVER);
      await running(backend, jobId);
      await assert.rejects(backend.poll(jobId, stopped), reason);
      await assert.rejects(backend.cancel(jobId, stopped), reason);
      await assert.rejects(backend.events(jobId, null, stopped), reason);
      await assert.rejects(backend.checkpoints(jobId, stopped), reason);
      assert.equal((await backend.poll(jobId, NEVER)).state, 'running');
      await backend.cancel(jobId, NEVER);
    });
  });
}
