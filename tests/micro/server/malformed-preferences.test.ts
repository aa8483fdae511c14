// Wrong preference files and jobs of the method "dpo": each is refused with a helpful message, and the server lives on.
import { preferenceText, type TestServer } from './server-fixture.js';
import { json, refuseAll, type WrongRequest } from './wrong-request.js';

const question = { messages: [{ role: 'user', content: 'answer compute 1 + 2' }] };
const reply = (content: string): object[] => [{ role: 'assistant', content }];
const pair = { input: question, preferred_output: reply('3'), non_preferred_output: reply('4') };

const upload =
  (...lines: unknown[]) =>
  ({ origin }: TestServer): Promise<Response> => {
    const form = new FormData();
    form.append('purpose', 'fine-tune');
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
    form.append('file', new Blob([text]), 'pairs.jsonl');
    return fetch(`${origin}/v1/files`, { method: 'POST', body: form });
  };
const job =
  (body: object) =>
  ({ origin }: TestServer): Promise<Response> =>
    fetch(`${origin}/v1/fine_tuning/jobs`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ model: 'micro-seed', training_file: 'file-x', ...body }),
    });
const dpo = (hyperparameters: object): object => ({ method: { type: 'dpo', dpo: { hyperparameters } } });

const code = 'invalid_training_file';
const wrongRequests: WrongRequest[] = [
  {
    what: 'a pair without its second output',
    send: upload(pair, { input: question, preferred_output: reply('3') }),
    status: 400,
    code,
    says: /line 2: non_preferred_output: .*Expected JSON Lines of \{"input"/,
  },
  {
    what: 'a pair with an output that is a text',
    send: upload({ ...pair, preferred_output: '3' }),
    status: 400,
    code,
    says: /line 1: preferred_output: /,
  },
  {
    what: 'a pair with an output of two messages',
    send: upload({ ...pair, preferred_output: [...reply('3'), ...reply('4')] }),
    status: 400,
    code,
    says: /line 1: preferred_output: expected exactly one message/,
  },
  {
    what: 'a pair with an output of the user',
    send: upload({ ...pair, preferred_output: question.messages }),
    status: 400,
    code,
    says: /line 1: preferred_output.*role.*"assistant"/,
  },
  {
    what: 'a pair of the same output twice',
    send: upload(pair, '', { ...pair, non_preferred_output: reply(' 3 ') }),
    status: 400,
    code,
    says: /line 3: expected two different outputs/,
  },
  {
    what: 'a pair with an unknown word',
    send: upload({ ...pair, non_preferred_output: reply('4 apples') }),
    status: 400,
    code,
    says: /line 1: .*"apples"/,
  },
  {
    what: 'a pair that is too long',
    send: upload({ ...pair, non_preferred_output: reply('1 '.repeat(70)) }),
    status: 400,
    code,
    says: /line 1: expected at most 64 tokens, received 78/,
  },
  {
    what: 'a pair with tools',
    send: upload({
      ...pair,
      input: { ...question, tools: [{ type: 'function' }], parallel_tool_calls: true },
    }),
    status: 400,
    code,
    says: /line 1: input\.tools: the embedded model calls no tools/,
  },
  {
    what: 'a pair whose conversation has been answered',
    send: upload({ ...pair, input: { messages: [...question.messages, ...reply('3')] } }),
    status: 400,
    code,
    says: /line 1: input\.messages: expected the last message to be answered/,
  },
  {
    what: 'a pair with a foreign key',
    send: upload({ ...pair, score: 3 }),
    status: 400,
    code,
    says: /line 1: .*score/,
  },
  {
    what: 'a supervised example among pairs',
    send: upload(pair, { messages: [...question.messages, ...reply('3')] }),
    status: 400,
    code,
    says: /line 2: no preference pair; the method "supervised"/,
  },
  {
    what: 'a pair among supervised examples',
    send: upload({ messages: [...question.messages, ...reply('3')] }, preferenceText(['3', '4'])),
    status: 400,
    code,
    says: /line 2: a preference pair; the method "dpo"/,
  },
  {
    what: 'a line that is no object',
    send: upload(pair, '[1]', 'null', '{'),
    status: 400,
    code,
    says: /line 2: .*line 3: .*line 4: expected one JSON object/,
  },
  {
    what: 'a job on a missing file of pairs',
    send: job({ method: { type: 'dpo' } }),
    status: 400,
    param: 'training_file',
    says: /no file "file-x"/,
  },
  {
    what: 'wrong hyperparameters of DPO',
    send: job(dpo({ beta: 0, nll_scale: -1, n_epochs: 'few' })),
    status: 400,
    says: /n_epochs: .*beta: expected "auto" or a number above 0.*nll_scale: expected "auto" or a number from 0/,
  },
  {
    what: 'an unknown hyperparameter of DPO',
    send: job(dpo({ betta: 0.1 })),
    status: 400,
    says: /method\.dpo\.hyperparameters: .*betta/,
  },
  {
    what: "the other method's settings",
    send: job({ method: { type: 'dpo', supervised: { hyperparameters: { n_epochs: 1 } } } }),
    status: 400,
    param: 'method.supervised',
    says: /The method is "dpo", but there are settings for "supervised"/,
  },
  {
    what: 'settings of DPO for the supervised method',
    send: job({ method: { type: 'supervised', dpo: { hyperparameters: { beta: 0.1 } } } }),
    status: 400,
    param: 'method.dpo',
    says: /Leave method\.dpo out/,
  },
  {
    what: 'hyperparameters of DPO in the older place',
    send: job({ method: { type: 'dpo' }, hyperparameters: { n_epochs: 1 } }),
    status: 400,
    param: 'hyperparameters',
    says: /Send them in method\.dpo\.hyperparameters/,
  },
  {
    what: 'hyperparameters in both places',
    send: job({
      method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 1 } } },
      hyperparameters: { n_epochs: 1 },
    }),
    status: 400,
    param: 'hyperparameters',
    says: /given twice\. Send them in method\.supervised\.hyperparameters only/,
  },
  {
    what: 'a grader that is missing',
    send: job({ method: { type: 'reinforcement' } }),
    status: 400,
    param: 'method.reinforcement',
    says: /expected \{"grader": \{\.\.\.\}\}: nothing can be learned without a grader/,
  },
  {
    what: 'an unknown method',
    send: job({ method: { type: 'ppo' } }),
    status: 400,
    says: /method\.type: expected "supervised", "dpo" or "reinforcement", received "ppo"/,
  },
];

describe('a wrong preference file or job', () => {
  refuseAll(wrongRequests);
});
