// Wrong uploads and fine-tuning jobs: each is refused with a helpful message, and the server lives on.
import { trainingText, type TestServer } from './server-fixture.js';
import { json, raw, refuseAll, type WrongRequest } from './wrong-request.js';

const job =
  (body: object) =>
  ({ origin }: TestServer): Promise<Response> =>
    fetch(`${origin}/v1/fine_tuning/jobs`, { method: 'POST', headers: json, body: JSON.stringify(body) });
const upload =
  (content: string | Uint8Array, fields: Record<string, string> = { purpose: 'fine-tune' }, name = 'file') =>
  ({ origin }: TestServer): Promise<Response> => {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.append(field, value);
    if (name !== '') form.append(name, new Blob([content]), 'train.jsonl');
    return fetch(`${origin}/v1/files`, { method: 'POST', body: form });
  };

const wrongRequests: WrongRequest[] = [
  {
    what: 'an upload that is no form',
    send: raw('POST', '/v1/files', { headers: json, body: '{}' }),
    status: 415,
    says: /multipart\/form-data/,
  },
  {
    what: 'a form without a boundary',
    send: raw('POST', '/v1/files', { headers: { 'content-type': 'multipart/form-data' }, body: 'x' }),
    status: 400,
    says: /oundary/,
  },
  {
    what: 'a form that is cut short',
    send: raw('POST', '/v1/files', {
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx',
    }),
    status: 400,
    says: /cut short|terminated early/,
  },
  {
    what: 'an upload without a purpose',
    send: upload(trainingText('3'), {}),
    status: 400,
    param: 'purpose',
    says: /"fine-tune".*nothing/,
  },
  {
    what: 'an upload for another purpose',
    send: upload(trainingText('3'), { purpose: 'vision' }),
    status: 400,
    says: /"fine-tune".*"batch".*"vision"/,
  },
  {
    what: 'an upload without a file',
    send: upload('', { purpose: 'fine-tune' }, ''),
    status: 400,
    param: 'file',
    says: /no file/,
  },
  {
    what: 'an upload with a foreign field',
    send: upload('', { purpose: 'fine-tune', color: 'red' }),
    status: 400,
    param: 'color',
    says: /color/,
  },
  {
    what: 'an empty training file',
    send: upload(''),
    status: 400,
    code: 'invalid_training_file',
    says: /no examples/,
  },
  {
    what: 'a training file that is no JSON',
    send: upload(`${trainingText('3')}\nhello`),
    status: 400,
    says: /line 2: expected one JSON object, received hello/,
  },
  {
    what: 'a training file that is no text',
    send: upload(Uint8Array.of(0xff, 0xfe, 0x00)),
    status: 400,
    says: /UTF-8/,
  },
  {
    what: 'a training line with an unknown word',
    send: upload(trainingText('3', '3 apples')),
    status: 400,
    says: /line 2: .*"apples"/,
  },
  {
    what: 'a training line that is too long',
    send: upload(trainingText('1 '.repeat(70))),
    status: 400,
    says: /line 1: expected at most 64 tokens, received 78/,
  },
  {
    what: 'a training line without a reply',
    send: upload(
      JSON.stringify({
        messages: [
          { role: 'user', content: '1' },
          { role: 'user', content: '1' },
        ],
      }),
    ),
    status: 400,
    says: /line 1: .*assistant/,
  },
  {
    what: 'a training line of another shape',
    send: upload(JSON.stringify({ prompt: '1', completion: '2' })),
    status: 400,
    says: /line 1: messages: /,
  },
  { what: 'a missing file', send: raw('GET', '/v1/files/file-none'), status: 404, says: /no file/ },
  {
    what: 'a job without a file',
    send: job({ model: 'micro-seed' }),
    status: 400,
    param: 'training_file',
    says: /training_file/,
  },
  {
    what: 'a job on a missing file',
    send: job({ model: 'micro-seed', training_file: 'file-x' }),
    status: 400,
    param: 'training_file',
    says: /no file "file-x"/,
  },
  {
    what: 'a job on an unknown model',
    send: job({ model: 'gpt-4o', training_file: 'file-x' }),
    status: 404,
    code: 'model_not_found',
    says: /gpt-4o/,
  },
  {
    what: 'wrong hyperparameters',
    send: job({
      model: 'micro-seed',
      training_file: 'f',
      hyperparameters: { n_epochs: 0, batch_size: 'big' },
    }),
    status: 400,
    says: /hyperparameters\.n_epochs: .*1 to 50.*hyperparameters\.batch_size: /,
  },
  {
    what: 'a suffix that is no name',
    send: job({ model: 'micro-seed', training_file: 'f', suffix: '../x' }),
    status: 400,
    param: 'suffix',
    says: /letters, digits/,
  },
  {
    what: 'a missing job',
    send: raw('GET', '/v1/fine_tuning/jobs/ftjob-none'),
    status: 404,
    code: 'job_not_found',
    says: /no fine-tuning job/,
  },
  {
    what: 'cancelling a missing job',
    send: raw('POST', '/v1/fine_tuning/jobs/ftjob-none/cancel'),
    status: 404,
    says: /no fine-tuning job/,
  },
  {
    what: 'a limit out of range',
    send: raw('GET', '/v1/fine_tuning/jobs?limit=0'),
    status: 400,
    param: 'limit',
    says: /1 to 100/,
  },
  {
    what: 'a page after nothing',
    send: raw('GET', '/v1/fine_tuning/jobs?after=x'),
    status: 400,
    param: 'after',
    says: /last_id/,
  },
  {
    what: 'an unknown query parameter',
    send: raw('GET', '/v1/files?colour=red'),
    status: 400,
    says: /"colour".*limit/,
  },
];

describe('a wrong upload or job', () => {
  refuseAll(wrongRequests);
});
