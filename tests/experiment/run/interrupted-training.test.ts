// A run that is stopped between its two trainings goes on with the second.
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEvent } from '../../../lib/src/experiment/index.js';
import { answerOf } from '../../fixtures/servers/mind.js';
import { sendChoices, startQuirkyServer } from '../../fixtures/quirky-server.js';
import { runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

/** Supervised training is stopped early after its second checkpoint; preference training waits for the file `go`. */
const TRAINS = `echo "$AUTODIDACT_METHOD" >> ran
if [ "$AUTODIDACT_METHOD" = dpo ]; then
  echo "preference training"
  for i in $(seq 3000); do [ -e go ] && break; sleep 0.01; done
  echo '{"model": "careful-last"}' > "$AUTODIDACT_RESULT_FILE"
else
  echo '{"checkpoints": [{"model": "careful-1"}, {"model": "careless-2"}]}' > "$AUTODIDACT_RESULT_FILE"
  sleep 30
fi`;

/** About half of the seed model's judgments are wrong, and all of models called `careless-…`. */
const startServer = (): ReturnType<typeof startQuirkyServer> =>
  startQuirkyServer(({ body, response }) => {
    const answer = answerOf(body.messages);
    const wrong = answer === '[[A]]' ? '[[B]]' : answer === '[[B]]' ? '[[A]]' : answer;
    const isWrong = (i: number): boolean =>
      body.model.startsWith('careless') || (body.model === 'seed' && (body.seed + i) % 2 === 1);
    sendChoices(
      response,
      Array.from({ length: body.n ?? 1 }, (_, i) => (isWrong(i) ? wrong : answer)),
    );
  });

const itemsOf = (name: string): string =>
  ['one', 'two']
    .map((word) => ({
      itemId: `${name}-${word}`,
      instruction: `${name} ${word}`,
      slice: 'all',
      errorKind: 'none',
      winner: `good answer to ${name} ${word}`,
      loser: `bad answer to ${name} ${word}`,
    }))
    .map((item) => `${JSON.stringify(item)}\n`)
    .join('');

describe('a run that is stopped during preference training', function () {
  this.timeout(60_000);

  for (const isJobGone of [false, true]) {
    const title = isJobGone
      ? 'trains again where the trainer does not know the cancelled job any more'
      : 'does not repeat the supervised training, although its job was cancelled';
    it(title, () => inTemporaryFolder((folder) => stopAndGoOn(folder, isJobGone)));
  }
});

async function stopAndGoOn(folder: string, isJobGone: boolean): Promise<void> {
  const server = await startServer();
  try {
    const words = 'apple bear cloud door engine forest garden house island jacket kettle lamp';
    const lines = words.split(' ').map((word) => JSON.stringify({ instruction: `tell me of ${word}` }));
    await writeFile(join(folder, 'instructions.jsonl'), `${lines.join('\n')}\n`);
    await writeFile(join(folder, 'reported.jsonl'), itemsOf('reported'));
    await writeFile(join(folder, 'held-out.jsonl'), itemsOf('held-out'));
    const path = await writeExperiment(folder, {
      name: 'stopped',
      iterations: 1,
      endpoint: { provider: 'openai', baseUrl: server.baseUrl },
      model: 'seed',
      pack: 'general',
      instructions: { source: 'jsonl', path: 'instructions.jsonl', perIteration: 12 },
      judge: { samples: 4, orders: 'both' },
      finetune: {
        trainer: { backend: 'command', command: TRAINS, graceMs: 200, jobsFolder: 'trainer-jobs-place' },
        checkpoint: { benchmark: { source: 'jsonl', path: 'held-out.jsonl' }, patience: 1 },
        dpo: {},
      },
      evaluate: { benchmark: { source: 'jsonl', path: 'reported.jsonl' } },
    });
    const stop = new AbortController();
    const onEvent = (event: RunEvent): void => {
      if (event.kind === 'progress' && event.progress.detail === 'preference training') stop.abort();
    };
    const environment = process.env;
    const stopped = runIn(folder, path, { environment, signal: stop.signal, onEvent });
    await assert.rejects(stopped, { name: 'AbortError' });
    if (isJobGone) await rm(join(folder, 'trainer-jobs-place'), { recursive: true });
    await writeFile(join(folder, 'go'), '');
    const { result } = await runIn(folder, path, { environment });
    assert.equal(
      await readFile(join(folder, 'ran'), 'utf8'),
      isJobGone ? 'supervised\ndpo\nsupervised\ndpo\n' : 'supervised\ndpo\n',
    );
    assert.deepEqual(result.manifest.models, ['seed', 'careful-last']);
  } finally {
    await server.close();
  }
}
