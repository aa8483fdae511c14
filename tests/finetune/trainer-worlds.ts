// Trainers behind an API whose jobs do what a test decides: the embedded server with a scripted trainer, and a scripted server of
// Together's API.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type OpenAI from 'openai';
import { Secrets } from '../../lib/src/core/secrets.js';
import { OpenAIBackend, type Flavour, type FineTuneRequest } from '../../lib/src/finetune/index.js';
import { FAILURE, SECRET, type JobOutcome, type TrainerWorld } from '../contracts/fine-tune-backend.js';
import { gate } from '../micro/server/scripted-engine.js';
import { ServerRoom, trainingText } from '../micro/server/server-fixture.js';
import { interruptedClient } from './interrupted-client.js';
import { startScriptedTrainer } from './scripted-trainer-server.js';
import { TogetherServer } from './together-server.js';

/** A trainer behind an API, and its server. */
export interface ServerWorld extends TrainerWorld {
  client: OpenAI;
}

const RETRY = { maxAttempts: 3, firstWaitMs: 1, longestWaitMs: 2 };

function backendOf(client: OpenAI, flavour: Flavour): OpenAIBackend {
  return new OpenAIBackend({ client, flavour, retry: RETRY, redact: new Secrets([SECRET]).redact });
}

function common(
  room: ServerRoom,
  { client, flavour }: { client: OpenAI; flavour: Flavour },
): Pick<ServerWorld, 'client' | 'backend' | 'interruptedAt' | 'request' | 'nSteps'> {
  return {
    client,
    backend: () => Promise.resolve(backendOf(client, flavour)),
    interruptedAt: (step, work) =>
      interruptedClient({ baseURL: client.baseURL, step }, (interrupted, signal) =>
        work(backendOf(interrupted, flavour), signal),
      ),
    // Listing, an upload, listing again, creating; each before it is sent and after it is handled.
    nSteps: 8,
    request: async (parts = {}): Promise<FineTuneRequest> => {
      const trainingFilePath = join(await room.folder(), 'training-file.jsonl');
      await writeFile(trainingFilePath, trainingText('3'));
      return {
        baseModel: 'micro-seed',
        method: { type: 'supervised' },
        trainingFilePath,
        hyperparameters: { nEpochs: 2, batchSize: 1 },
        suffix: 'judge-1',
        seed: 3,
        jobKey: '0123456789abcdef0123456789abcdef',
        ...parts,
      };
    },
  };
}

async function openEmbedded(): Promise<ServerWorld> {
  const room = new ServerRoom();
  const { client, trainer, usage } = await room.start();
  let held = gate();
  trainer.gate = held.opened;
  const decide = (outcome: JobOutcome): Promise<void> => {
    if (outcome === 'hold') {
      held = gate();
      trainer.gate = held.opened;
    } else held.open();
    trainer.failure = outcome === 'fail' ? new Error(FAILURE) : null;
    return Promise.resolve();
  };
  return {
    ...common(room, { client, flavour: 'openai' }),
    decide,
    nJobs: async () => (await usage()).jobs.created,
    checkpointsOf: (model) => [
      { model: `${model}:ckpt-step-1`, step: 1, metrics: { train_loss: 1 } },
      { model, step: 2, metrics: { train_loss: 0.5 } },
    ],
    remove: async (model) => {
      await client.models.delete(model);
    },
    close: () => room.close(),
  };
}

async function openTogether(): Promise<ServerWorld> {
  const room = new ServerRoom();
  const state = new TogetherServer();
  state.outcome = 'hold';
  const server = await startScriptedTrainer(({ method, path, body }) => state.answer(method, path, body));
  return {
    ...common(room, { client: server.client, flavour: 'together' }),
    // One more request before creating: the list in which the job of the base model is looked for.
    nSteps: 10,
    decide: (outcome) => {
      state.outcome = outcome;
      return Promise.resolve();
    },
    nJobs: () => Promise.resolve(state.jobs.length),
    checkpointsOf: () => [1, 2].map((step) => ({ model: `out-${step}`, step, metrics: {} })),
    close: async () => {
      await server.close();
      await room.close();
    },
  };
}

/** The embedded server, which has the API of OpenAI. */
export const EMBEDDED = {
  open: openEmbedded,
  missesModels: true,
  refused: [
    {
      parts: { hyperparameters: { learningRate: 1e-6 } },
      message: /request: learningRate: .*learningRateMultiplier/,
    },
  ],
};

/** A server of Together's API. */
export const TOGETHER = {
  open: openTogether,
  missesModels: false,
  refused: [
    { parts: { hyperparameters: { learningRateMultiplier: 2 } }, message: /request: learningRateMultiplier/ },
    { parts: { suffix: 's'.repeat(60) }, message: /request: suffix: expected at most 51 characters/ },
  ],
};
