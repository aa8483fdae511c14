import assert from 'node:assert/strict';
import { fineTuneAndChoose } from '../../../lib/src/finetune/index.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { CommandSetting, endOf } from './command-setting.js';

const HERE = 'http://127.0.0.1:1/v1';
const THERE = 'http://127.0.0.1:2/v1';

/** Leaves a result file. */
const writes = (result: object): string => `echo '${JSON.stringify(result)}' > "$AUTODIDACT_RESULT_FILE"`;

describe('a command whose models are served elsewhere', () => {
  const setting = new CommandSetting();
  afterEach(() => setting.close());

  const placesOf = async (config: Record<string, unknown>): Promise<(string | undefined)[]> => {
    const backend = await setting.backend(config);
    const jobId = await backend.submit(await setting.request(), NEVER);
    const end = await endOf(backend, jobId);
    const checkpoints = await backend.checkpoints(jobId, NEVER);
    return [
      end.state === 'succeeded' ? end.endpoint : end.state,
      ...checkpoints.map(({ endpoint }) => endpoint),
    ];
  };

  it('takes the address of a checkpoint from the checkpoint, else from the result, else from the experiment', async () => {
    const checkpoints = [{ model: 'a' }, { model: 'b', endpoint: THERE }];
    const result = { model: 'b', endpoint: HERE, checkpoints };
    assert.deepEqual(await placesOf({ command: writes(result) }), [HERE, HERE, THERE]);
    const silent = { command: writes({ model: 'b', checkpoints }) };
    assert.deepEqual(await placesOf(silent), [undefined, undefined, THERE]);
    assert.deepEqual(await placesOf({ ...silent, endpoint: HERE }), [HERE, HERE, THERE]);
    const logged = {
      command: `echo "saved a"; echo "saved b at ${THERE}"; echo "model: b"`,
      modelPattern: '^model: (?<model>\\S+)',
      checkpointPattern: '^saved (?<model>\\S+)(?: at (?<endpoint>\\S+))?',
      endpoint: HERE,
    };
    assert.deepEqual(await placesOf(logged), [HERE, HERE, THERE]);
  });

  it('may say more in its result than is read, behind a byte order mark', async () => {
    const result = { model: 'a', train_loss: 0.4, checkpoints: [{ model: 'a', step: 2, path: '/out' }] };
    const command = `printf '\\357\\273\\277%s' '${JSON.stringify(result)}' > "$AUTODIDACT_RESULT_FILE"`;
    assert.deepEqual(await placesOf({ command, endpoint: HERE }), [HERE, HERE]);
  });

  it('has the address of a checkpoint before it is scored, also when the training is stopped early', async () => {
    const checkpoints = [{ model: 'good' }, { model: 'bad', endpoint: THERE }];
    const result = writes({ endpoint: HERE, checkpoints });
    const backend = await setting.backend({ command: `${result}; sleep 30` });
    const { trainingFilePath } = await setting.request();
    const scoredAt: (string | undefined)[] = [];
    const { fineTuned, choice } = await fineTuneAndChoose(1, {
      backend,
      baseModel: 'base',
      hyperparameters: { nEpochs: 3 },
      suffix: 's',
      seed: 1,
      trainingFilePath,
      onProgress: () => undefined,
      signal: NEVER,
      pollMs: 5,
      choice: {
        validationSet: 'held out',
        patience: 1,
        score: ({ model, endpoint }) => {
          scoredAt.push(endpoint);
          const value = model === 'good' ? 0.9 : 0.5;
          return Promise.resolve({ value, n: 10, unscored: 0, low: null, high: null, method: 'given' });
        },
      },
    });
    assert.deepEqual(scoredAt, [HERE, THERE]);
    assert.deepEqual([fineTuned.model, fineTuned.endpoint, choice.stoppedEarly], ['good', HERE, true]);
  });
});
