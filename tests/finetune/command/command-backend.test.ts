import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../../../lib/src/core/errors.js';
import { fileHash } from '../../../lib/src/core/hash.js';
import { Secrets } from '../../../lib/src/core/secrets.js';
import { fineTuneOnFile } from '../../../lib/src/finetune/index.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { until } from '../../micro/server/server-fixture.js';
import { commandConfig, CommandSetting, endOf, NAMES_ITS_MODEL } from './command-setting.js';

const setting = new CommandSetting();

async function textOf(...path: string[]): Promise<string> {
  return readFile(join(await setting.folder(), ...path), 'utf8');
}

describe('a trainer that is a command', () => {
  afterEach(() => setting.close());

  it('gets its data, its values and its filled-in templates, and names the model in the result file', async () => {
    const folder = await setting.folder();
    await writeFile(
      join(folder, 'sft.yaml'),
      'data: {{trainingFile}}\nepochs: {{epochs}}\ntemplate: {{values.chatTemplate}}\n',
    );
    const backend = await setting.backend({
      command: `cat "$AUTODIDACT_TRAINING_FILE" "$AUTODIDACT_TRAINER_CONFIG"; pwd; ${NAMES_ITS_MODEL}`,
      templates: ['sft.yaml'],
      values: { chatTemplate: 'llama3' },
    });
    const jobId = await backend.submit(await setting.request(), NEVER);
    assert.match(jobId, /^key-1-[0-9a-f]{12}\/attempt-1$/);
    assert.deepEqual(await endOf(backend, jobId), { state: 'succeeded', model: 'made' });
    const job = join(folder, 'jobs', jobId);
    const config = `data: ${job}/training.jsonl\nepochs: 2\ntemplate: llama3\n`;
    assert.equal(await textOf('jobs', jobId, 'job.log'), `{"messages": []}\n${config}${folder}\n`);
  });

  it('passes a list of arguments on unchanged, whatever the values contain', async () => {
    const backend = await setting.backend({
      command: ['printf', '%s\\n', '{{baseModel}}', 'a b', '{{seed}}'],
      model: 'judge-{{jobKey}}',
      endpoint: 'http://node1:8000/v1',
    });
    const baseModel = `/models/it's $(touch x) "y"`;
    const jobId = await backend.submit(await setting.request({ baseModel }), NEVER);
    const model = `judge-${jobId.split('/')[0] ?? ''}`;
    const end = { state: 'succeeded', model, endpoint: 'http://node1:8000/v1' };
    assert.deepEqual(await endOf(backend, jobId), end);
    assert.equal(await textOf('jobs', jobId, 'job.log'), `${baseModel}\na b\n7\n`);
  });

  it('finds model and endpoint in the log by the last match, and checkpoints while it runs', async () => {
    const backend = await setting.backend({
      command: `echo "saved out/1 at 10"; echo "saved out/2 at 20"; while [ ! -e go ]; do sleep 0.01; done
        echo "model: first http://a/v1"; echo "model: final http://b/v1"`,
      modelPattern: '^model: (?<model>\\S+) (?<endpoint>\\S+)',
      checkpointPattern: '^saved (?<model>\\S+) at (?<step>\\d+)',
    });
    const jobId = await backend.submit(await setting.request(), NEVER);
    const checkpoints = await until(async () => {
      const found = await backend.checkpoints(jobId, NEVER);
      return found.length === 2 ? found : null;
    });
    assert.deepEqual(checkpoints, [
      { model: 'out/1', step: 10, metrics: {} },
      { model: 'out/2', step: 20, metrics: {} },
    ]);
    assert.deepEqual(await backend.poll(jobId, NEVER), { state: 'running', detail: 'saved out/2 at 20' });
    await writeFile(join(await setting.folder(), 'go'), '');
    const end = { state: 'succeeded', model: 'final', endpoint: 'http://b/v1' };
    assert.deepEqual(await endOf(backend, jobId), end);
  });

  it('returns new lines of the log, without control characters and secrets', async () => {
    const backend = await setting.backend(
      {
        command: `printf 'one\\n\\033[31mkey sk-secret-12345\\n 10%%\\r 20%%\\r'; ${NAMES_ITS_MODEL}
        while [ ! -e go ]; do sleep 0.01; done; echo last`,
      },
      { redact: new Secrets(['sk-secret-12345']).redact },
    );
    const jobId = await backend.submit(await setting.request(), NEVER);
    const first = await until(async () => {
      const news = await backend.events(jobId, null, NEVER);
      return news.events.length === 4 ? news : null;
    });
    assert.deepEqual(
      first.events.map(({ message }) => message),
      ['one', '[31mkey [secret]', '10%', '20%'],
    );
    await writeFile(join(await setting.folder(), 'go'), '');
    await endOf(backend, jobId);
    const rest = await backend.events(jobId, first.cursor, NEVER);
    assert.deepEqual(rest.events, [{ level: 'info', message: 'last' }]);
    assert.deepEqual((await backend.events(jobId, rest.cursor, NEVER)).events, []);
  });

  it('returns the last thousand lines of a log that has grown by more', async () => {
    const backend = await setting.backend({ command: 'seq 1 100000', model: 'm' });
    const jobId = await backend.submit(await setting.request(), NEVER);
    await endOf(backend, jobId);
    const { events, cursor } = await backend.events(jobId, null, NEVER);
    assert.deepEqual([events.length, events[0]?.message, events.at(-1)?.message], [1000, '99001', '100000']);
    assert.deepEqual((await backend.events(jobId, cursor, NEVER)).events, []);
  });

  it('is reported with the end of its log when it fails, and starts anew the next time', async () => {
    const backend = await setting.backend(
      {
        command: `echo "CUDA out of memory, token sk-secret-12345"; [ -e ok ] || exit 3; ${NAMES_ITS_MODEL}`,
      },
      { redact: new Secrets(['sk-secret-12345']).redact },
    );
    const request = await setting.request();
    const first = await backend.submit(request, NEVER);
    const end = await endOf(backend, first);
    assert.equal(end.state, 'failed');
    assert.match(
      'detail' in end ? end.detail : '',
      /ended with exit code 3; .*job\.log ends with: CUDA out of memory, token \[secret\]$/,
    );
    await writeFile(join(await setting.folder(), 'ok'), '');
    const second = await backend.submit(request, NEVER);
    assert.equal(second, first.replace('attempt-1', 'attempt-2'));
    assert.deepEqual(await endOf(backend, second), { state: 'succeeded', model: 'made' });
    assert.equal(await backend.submit(request, NEVER), second);
  });

  it('fails with a reason if it does not exist, names no model, or a wrong one', async () => {
    const ends: string[] = [];
    const results = [
      ['no-such-program-of-ours', /program was not found/],
      ['exit 0', /named no model: there is no .*result\.json/],
      [
        `echo '{"models": 1}' > "$AUTODIDACT_RESULT_FILE"`,
        /named no model: no "model" among \["models"\] in .*result\.json/,
      ],
      [
        `echo '{"model": "m", "endpoint": "ftp://x/y"}' > "$AUTODIDACT_RESULT_FILE"`,
        /endpoint is not an http/,
      ],
    ] as const;
    for (const [i, [command, message]] of results.entries()) {
      const backend = await setting.backend({ command });
      const jobId = await backend.submit(await setting.request({ jobKey: `key-${i}` }), NEVER);
      const end = await endOf(backend, jobId);
      assert.match('detail' in end ? end.detail : end.state, message);
      ends.push(end.state);
    }
    assert.deepEqual(ends, ['failed', 'failed', 'failed', 'failed']);
  });

  it('is another job when its command, its values or a template have changed', async () => {
    const path = join(await setting.folder(), 'sft.yaml');
    await writeFile(path, 'epochs: {{epochs}}\n');
    const ids = new Set<string>();
    const submit = async (config: Record<string, unknown>): Promise<void> => {
      const backend = await setting.backend({
        command: 'exit 0',
        model: 'm',
        templates: ['sft.yaml'],
        ...config,
      });
      const jobId = await backend.submit(await setting.request(), NEVER);
      await endOf(backend, jobId);
      ids.add(jobId);
    };
    // How a result is read, and how long it may take, are not what is trained.
    for (const config of [{}, { model: 'n' }, { timeoutMs: 60_000 }]) await submit(config);
    assert.equal(ids.size, 1);
    await submit({ command: 'true' });
    await submit({ values: { nodes: 2 } });
    await writeFile(path, 'epochs: {{epochs}} # changed\n');
    await submit({});
    assert.equal(ids.size, 4);
  });

  it('refuses, before anything runs, templates and data sets that cannot be written', async () => {
    const folder = await setting.folder();
    await writeFile(join(folder, 'bad.yaml'), 'gpus: {{values.gpus}}\n');
    await writeFile(join(folder, 'job.json'), '{}');
    await mkdir(join(folder, 'other'));
    for (const [config, message] of [
      [{ templates: ['bad.yaml'] }, /\{\{values\.gpus\}\} has no value/],
      [{ templates: ['missing.yaml'] }, /missing\.yaml/],
      [{ templates: ['job.json'] }, /names differ/],
      [{ templates: ['bad.yaml', 'other/bad.yaml'], values: { gpus: 1 } }, /names differ|bad\.yaml/],
      // The training file of this test is not of the OpenAI format.
      [{ format: 'fairseq2' }, /training-file\.jsonl:1: .*messages/],
      [{ values: { seed: 3 } }, /names that are free/],
      [{ command: ['x', '{{nodes}}'] }, /trainer\.command/],
    ] as const) {
      const backend = await setting.backend({ command: 'touch ran', ...config });
      await assert.rejects(backend.submit(await setting.request(), NEVER), message);
    }
    await assert.rejects(readFile(join(folder, 'ran')));
    assert.throws(() => commandConfig({ command: 'train {{trainingFile}}' }), /AUTODIDACT_TRAINING_FILE/);
  });

  it('gets its data set in the format that it asked for', async () => {
    const request = await setting.request({ method: { type: 'dpo', beta: 0.1 } });
    const reply = (content: string): object[] => [{ role: 'assistant', content }];
    const rowOf = (question: string): string =>
      `${JSON.stringify({
        input: { messages: [{ role: 'user', content: question }] },
        preferred_output: reply('good'),
        non_preferred_output: reply('bad'),
      })}\n`;
    await writeFile(request.trainingFilePath, rowOf('one?') + rowOf('two?'));
    const validationFilePath = join(await setting.folder(), 'held-back.jsonl');
    await writeFile(validationFilePath, rowOf('three?'));
    const backend = await setting.backend({
      command: 'cat "$AUTODIDACT_TRAINING_FILE" "$AUTODIDACT_VALIDATION_FILE"',
      format: 'trl',
      model: 'm',
    });
    const jobId = await backend.submit({ ...request, validationFilePath }, NEVER);
    await endOf(backend, jobId);
    const rows = (await textOf('jobs', jobId, 'job.log')).trimEnd().split('\n');
    assert.deepEqual(
      rows.map((row) => JSON.parse(row) as unknown),
      ['one?', 'two?', 'three?'].map((content) => ({
        prompt: [{ role: 'user', content }],
        chosen: reply('good'),
        rejected: reply('bad'),
      })),
    );
  });

  it('works with fineTuneOnFile like every other trainer', async () => {
    const result = JSON.stringify({
      model: 'made',
      endpoint: 'http://127.0.0.1:1/v1',
      checkpoints: [{ model: 'made', step: 3, epoch: 1, metrics: { loss: 0.5 } }],
    });
    const backend = await setting.backend({
      command: `echo hello; echo '${result}' > "$AUTODIDACT_RESULT_FILE"`,
    });
    const { trainingFilePath } = await setting.request();
    const said: string[] = [];
    const made = await fineTuneOnFile(1, {
      backend,
      baseModel: 'base',
      method: { type: 'dpo', beta: 0.1, nllScale: 1.5 },
      hyperparameters: { nEpochs: 1 },
      suffix: 's',
      seed: 1,
      trainingFilePath,
      onProgress: () => undefined,
      onEvent: ({ message }) => said.push(message),
      signal: NEVER,
    });
    assert.deepEqual(said, ['hello']);
    assert.match(made.jobId, /^[0-9a-f]{32}-[0-9a-f]{12}\/attempt-1$/);
    assert.deepEqual(made, {
      jobId: made.jobId,
      trainingFileHash: await fileHash(trainingFilePath),
      model: 'made',
      parent: 'base',
      nExamples: 1,
      method: 'dpo',
      endpoint: 'http://127.0.0.1:1/v1',
      checkpoints: [
        { model: 'made', endpoint: 'http://127.0.0.1:1/v1', step: 3, epoch: 1, metrics: { loss: 0.5 } },
      ],
    });
  });

  it('finds only its own jobs', async () => {
    const backend = await setting.backend({ command: 'exit 0' });
    await assert.rejects(backend.poll('../../etc/attempt-1', NEVER), ConfigError);
    await assert.rejects(backend.poll('key-9-0123456789ab/attempt-1', NEVER), /not prepared/);
  });
});
