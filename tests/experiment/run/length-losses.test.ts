// Items that are longer than the model's window: counted as that, reported on the terminal and in the first lines of the report.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { answerOf } from '../../fixtures/servers/mind.js';
import { sendChoices, sendJson, startQuirkyServer } from '../../fixtures/quirky-server.js';
import { runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const WINDOW = 1000;
const tokensOf = (text: string): number => Math.ceil(text.length / 4);

/** Three short pairs, and two with a response of 1,500 tokens. */
const PAIRS = [1, 2, 3, 4, 5].map((i) => ({
  itemId: `item-${i}`,
  instruction: `explain ${i}`,
  slice: 'all',
  errorKind: 'none',
  winner: `good answer ${i}`,
  loser: `bad ${i > 3 ? 'word '.repeat(1200) : ''}answer`,
}));

describe('items that are longer than the window of the model', () => {
  it('are counted, and said on the terminal and before all figures of the report', () =>
    inTemporaryFolder(async (folder) => {
      const server = await startQuirkyServer(({ body, response }) => {
        const { max_tokens: most } = body as unknown as { max_tokens: number };
        const prompt = tokensOf(body.messages.map(({ content }) => content).join('\n'));
        if (prompt + most <= WINDOW) return sendChoices(response, [answerOf(body.messages)]);
        const message = `This model's maximum context length is ${WINDOW} tokens. However, you requested ${prompt + most} tokens (${prompt} in the messages, ${most} in the completion). Please reduce the length of the messages or completion.`;
        sendJson(response, 400, {
          object: 'error',
          message,
          type: 'BadRequestError',
          param: null,
          code: 400,
        });
      });
      try {
        await writeFile(
          join(folder, 'pairs.jsonl'),
          PAIRS.map((pair) => `${JSON.stringify(pair)}\n`).join(''),
        );
        const path = await writeExperiment(folder, {
          name: 'long',
          iterations: 0,
          endpoint: { provider: 'openai', baseUrl: server.baseUrl },
          model: 'judge',
          pack: 'general',
          // More than the window has beside any prompt.
          evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' }, maxTokens: WINDOW },
        });
        const { result, events } = await runIn(folder, path);
        const stage = events.flatMap((event) => (event.kind === 'stage-finished' ? [event.record] : []))[0];
        assert.deepEqual(
          [stage?.nKept, stage?.drops, stage?.contextTokens],
          [3, { 'context-length': 2 }, WINDOW],
        );
        const lost =
          "2 of 5 items were lost because their prompts are longer than the model's window of 1,000 tokens: figures speak of the rest only";
        const warnings = events.flatMap((event) => (event.kind === 'warning' ? [event.message] : []));
        assert.equal(warnings.filter((message) => message.includes(lost)).length, 1);
        assert.equal(warnings.filter((message) => message.includes('the window of 1,000 tokens')).length, 1);
        const report = await readFile(join(result.folder, 'report.md'), 'utf8');
        assert.ok(
          report.indexOf(lost) > 0 && report.indexOf(lost) < report.indexOf('## '),
          report.slice(0, 600),
        );
        // Each request as it was asked is stored under its own key: another run asks for nothing.
        const nAsked = server.bodies.length;
        await runIn(folder, path, { resultsFolder: join(folder, 'again') });
        assert.ok(server.bodies.length - nAsked <= 2 * 2, 'only what was lost is asked again');
      } finally {
        await server.close();
      }
    }));
});

describe('the settings of the paper', () => {
  for (const name of ['mt-bench', 'rewardbench'])
    it(`leave room in Llama 3's window of 8,192 tokens for judgments: ${name}`, async () => {
      const config = parse(await readFile(`experiments/paper/${name}.yaml`, 'utf8')) as {
        endpoint: { contextLength: number };
        instructions: { filters: { characters: { max: number } } };
        generate: { response: { maxTokens: number } };
        judge: { maxTokens: number };
        evaluate: { maxTokens: number };
      };
      const { judge, evaluate, generate, instructions, endpoint } = config;
      // The instructions of the prompt pack are about 500 tokens long.
      const prompt = 2 * generate.response.maxTokens + instructions.filters.characters.max / 4 + 500;
      assert.equal(endpoint.contextLength, 8192);
      assert.ok(prompt + Math.max(judge.maxTokens, evaluate.maxTokens) <= 8192, String(prompt));
    });
});
