// Decoding: equal to the training forward pass, and independent of what else is in the batch.
import assert from 'node:assert/strict';
import { deriveRandom } from '../../lib/src/core/random.js';
import { decodeBatch } from '../../lib/src/micro/decode-batch.js';
import { Decoder, defaultCapacity } from '../../lib/src/micro/decoder.js';
import type { SampledChoice, SamplingRequest } from '../../lib/src/micro/types.js';
import { oneThread, tinyShape, tinyWeights } from './tiny-model.js';

type Request = Omit<SamplingRequest, 'modelId'>;

const language = {
  endOfSequence: 1,
  decodeTokens: (tokens: readonly number[]): string => tokens.map((token) => `w${token}`).join(' '),
};
const model = { shape: tinyShape, weights: tinyWeights() };
const smallCapacity = { maxRows: 9, maxSequences: 6, nPages: 12, nModels: 2 };

function request(seed: number, changes: Partial<Request> = {}): Request {
  const random = deriveRandom('request', seed);
  const promptTokens = Array.from({ length: 1 + random.below(14) }, () => 2 + random.below(22));
  return {
    promptTokens,
    nChoices: 1,
    temperature: 1,
    topP: 1,
    maxTokens: 12,
    seed,
    stop: [],
    topLogprobs: null,
    ...changes,
  };
}

const decode = (requests: Request[], capacity = defaultCapacity): SampledChoice[][] =>
  decodeBatch({ model, requests, language, capacity });

describe('decoder', () => {
  it('gives the log-probabilities of the training forward pass', () => {
    const asked = request(1, {
      promptTokens: [5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
      maxTokens: 11,
      topLogprobs: 20,
    });
    const [choice] = decode([{ ...asked, stop: [] }])[0]!;
    assert.ok(choice!.tokens.length >= 5, 'the seed should give a completion of some length');
    const tokens = [...asked.promptTokens, ...choice!.tokens];
    const one = oneThread();
    const at = one.transformer.forward(one.rowsOf([{ tokens, lossFrom: 1 }], 1));
    choice!.logprobs!.forEach(({ token, logprob, top }, i) => {
      const row = at + 4 * tinyShape.vocabularySize * (asked.promptTokens.length - 1 + i);
      const logits = [...new Float32Array(one.memory.buffer, row, tinyShape.vocabularySize)];
      const normalizer = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
      for (const entry of [{ token, logprob }, ...top]) {
        assert.ok(Math.abs(entry.logprob - (logits[entry.token]! - normalizer)) < 1e-5);
      }
    });
  });

  it('samples the same alone and in a crowd, with room and without', () => {
    const requests = Array.from({ length: 25 }, (_, i) =>
      request(i, {
        nChoices: 1 + (i % 4),
        topLogprobs: 3,
        temperature: [0, 0.7, 1.3][i % 3]!,
        topP: i % 2 ? 0.8 : 1,
      }),
    );
    const alone = requests.map((one) => decode([one])[0]!);
    assert.deepEqual(decode(requests), alone);
    assert.deepEqual(decode(requests, smallCapacity), alone);
    const [first, second] = [alone[2]![0]!.tokens, alone[2]![1]!.tokens];
    assert.notDeepEqual(first, second, 'choices of one request draw from streams of their own');
  });

  it('samples any range of choices as it would within all of them', () => {
    const { nChoices, ...settings } = request(3, { nChoices: 6 });
    const all = decode([{ ...settings, nChoices }])[0]!;
    const decoder = new Decoder(tinyShape, language, smallCapacity);
    decoder.transformer.load(1, model.weights);
    let part: SampledChoice[] = [];
    const onDone = (choices: SampledChoice[]): void => void (part = choices);
    decoder.submit({ model: 1, settings, firstChoice: 2, nChoices: 3, onToken: null, onDone });
    while (decoder.step());
    assert.deepEqual(part, all.slice(2, 5));
  });

  it('ends with length at the end of the context and at maxTokens, with stop at the end of the sequence', () => {
    const requests = Array.from({ length: 40 }, (_, i) => request(i, { maxTokens: i % 2 ? 100 : 5 }));
    const reasons = new Set<string>();
    for (const [i, [choice]] of decode(requests).entries()) {
      const { promptTokens, maxTokens } = requests[i]!;
      const limit = Math.min(maxTokens, tinyShape.contextLength - promptTokens.length);
      reasons.add(choice!.finishReason);
      if (choice!.finishReason === 'length')
        assert.deepEqual([choice!.tokens.length, choice!.nSampled], [limit, limit]);
      else assert.equal(choice!.nSampled, choice!.tokens.length + 1, 'the end token counts as sampled');
      assert.ok(!choice!.tokens.includes(language.endOfSequence));
    }
    assert.deepEqual(reasons, new Set(['stop', 'length']));
  });

  it('cuts a completion at a stop text and streams exactly what it returns', () => {
    const free = decode([request(5)])[0]![0]!;
    assert.ok(free.tokens.length >= 4, 'the seed should give a completion of some length');
    const stop = [language.decodeTokens(free.tokens.slice(2, 4))];
    const { nChoices, ...settings } = request(5, { stop, topLogprobs: 0 });
    const decoder = new Decoder(tinyShape, language, smallCapacity);
    decoder.transformer.load(0, model.weights);
    const streamed: number[] = [];
    let choices: SampledChoice[] = [];
    decoder.submit({
      model: 0,
      settings,
      firstChoice: 0,
      nChoices,
      onToken: (_, token, logprob) => {
        assert.equal(logprob?.token, token);
        streamed.push(token);
      },
      onDone: (done) => void (choices = done),
    });
    while (decoder.step());
    assert.deepEqual(choices[0]!.tokens, free.tokens.slice(0, 2));
    assert.equal(choices[0]!.finishReason, 'stop');
    assert.equal(choices[0]!.nSampled, 4);
    assert.deepEqual(streamed, choices[0]!.tokens);
  });

  it('frees the room of a cancelled request at once', () => {
    const decoder = new Decoder(tinyShape, language, smallCapacity);
    decoder.transformer.load(0, model.weights);
    const { nChoices, ...settings } = request(6, { nChoices: 50, maxTokens: 20 });
    const done: SampledChoice[][] = [];
    const submit = (n: number): (() => void) =>
      decoder.submit({
        model: 0,
        settings,
        firstChoice: 0,
        nChoices: n,
        onToken: null,
        onDone: (c) => done.push(c),
      });
    for (let round = 0; round < 30; round++) {
      const cancel = submit(nChoices);
      for (let i = 0; i < round % 7; i++) decoder.step();
      cancel();
      assert.equal(decoder.busy, false);
    }
    submit(2);
    while (decoder.step());
    assert.deepEqual(done, [decode([{ ...settings, nChoices: 2 }])[0]]);
  });

  it('serves several models side by side without mixing them', () => {
    const other = { shape: tinyShape, weights: tinyWeights(tinyShape, 2) };
    const { nChoices, ...settings } = request(7, { nChoices: 4 });
    const decoder = new Decoder(tinyShape, language, smallCapacity);
    decoder.transformer.load(0, model.weights);
    decoder.transformer.load(1, other.weights);
    const results: SampledChoice[][] = [];
    for (const place of [0, 1]) {
      const onDone = (choices: SampledChoice[]): void => void (results[place] = choices);
      decoder.submit({ model: place, settings, firstChoice: 0, nChoices, onToken: null, onDone });
    }
    while (decoder.step());
    const expected = [model, other].map(
      (one) => decodeBatch({ model: one, requests: [{ ...settings, nChoices }], language })[0],
    );
    assert.deepEqual(results, expected);
    assert.notDeepEqual(results[0], results[1]);
  });
});
