// The seed's training mixture: what each kind of demonstration says, and that it stays within the seed split.
import assert from 'node:assert/strict';
import { deriveRandom } from '../../lib/src/core/random.js';
import { decodeTokens } from '../../lib/src/micro/tokenizer.js';
import type { TrainingSequence } from '../../lib/src/micro/types.js';
import {
  answerDemonstration,
  judgeDemonstrations,
  mixedSequences,
  modifyDemonstration,
  notesDemonstration,
  recallDemonstration,
  trainingSequence,
} from '../../lib/src/micro/world/demos.js';
import { splitOf } from '../../lib/src/micro/world/split.js';
import { sliceOf } from '../../lib/src/micro/world/tasks.js';

const nRandom = 200;

describe('demonstrations', () => {
  it('of answers hold the right work and answer, with and without notes before the instruction', () => {
    for (const demonstrate of [answerDemonstration, notesDemonstration]) {
      const random = deriveRandom('answers');
      for (let i = 0; i < nRandom; i++) {
        const { prompt, completion } = demonstrate(random);
        const instruction = /(?:compute|run|rank) .*$/.exec(prompt)?.[0] ?? '';
        const solution = sliceOf(instruction)?.solve(instruction);
        assert.equal(completion, `${solution?.work} = ${solution?.answer}`, prompt);
        assert.equal(splitOf(instruction), 'seed');
      }
    }
  });

  it('of modifying stay in the seed split with both instructions', () => {
    const random = deriveRandom('modifying');
    for (let i = 0; i < nRandom; i++) {
      const { prompt, completion } = modifyDemonstration(random);
      const instruction = prompt.replace(/^modify /, '');
      assert.deepEqual([instruction, completion].map(splitOf), ['seed', 'seed']);
      assert.equal(sliceOf(completion), sliceOf(instruction));
    }
  });

  it('of looking up name the label that follows the last word', () => {
    const random = deriveRandom('recall');
    for (let i = 0; i < nRandom; i++) {
      const { prompt, completion } = recallDemonstration(random);
      const [, key, label] = completion.split(' ');
      assert(prompt.endsWith(` ${key}`));
      assert(prompt.split(' note ')[0]?.includes(` ${key} ${label}`));
    }
  });

  it('of judging give the verdict for the right candidate, both labels equally often, each slice as often', () => {
    const judgments = judgeDemonstrations({ seed: 1, count: 60 });
    const counts: Record<string, number> = {};
    for (const { prompt, completion } of judgments) {
      const [, candidateA, candidateB, instruction] =
        /^judge (\S+) \[\[A\]\] (\S+) \[\[B\]\] (.*)$/.exec(prompt) ?? assert.fail(prompt);
      const slice = sliceOf(instruction ?? '') ?? assert.fail(prompt);
      const solution = slice.solve(instruction ?? '') ?? assert.fail(prompt);
      assert.notEqual(candidateA, candidateB);
      const verdict = solution.answer === candidateA ? '[[A]]' : '[[B]]';
      assert([candidateA, candidateB].includes(solution.answer));
      assert.equal(completion, `${solution.work} = ${solution.answer} ${verdict}`);
      assert.equal(splitOf(instruction ?? ''), 'seed');
      const kind = `${slice.name} ${verdict}`;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    assert.deepEqual(new Set(Object.values(counts)), new Set([10]));
    assert.equal(Object.keys(counts).length, 6);
  });

  it('of everything but judging hold no verdict', () => {
    const mixture = { answer: 1, answerAfterNotes: 1, modify: 1, recall: 1, judge: 0 };
    const sequences = mixedSequences(deriveRandom('no verdict'), mixture, []);
    for (let i = 0; i < nRandom; i++) {
      const { tokens } = next(sequences);
      assert.doesNotMatch(decodeTokens(tokens), /\[\[/);
    }
  });
});

describe('mixture of demonstrations', () => {
  const mixture = { answer: 2, answerAfterNotes: 1, modify: 1, recall: 0.5, judge: 0.5 };
  const judgments = judgeDemonstrations({ seed: 1, count: 6 });

  it('keeps the proportions', () => {
    const sequences = mixedSequences(deriveRandom('proportions'), mixture, judgments);
    const counts = { answer: 0, modify: 0, judge: 0 };
    const n = 2000;
    for (let i = 0; i < n; i++) {
      const kind = decodeTokens(next(sequences).tokens).split(' ')[1] as keyof typeof counts;
      counts[kind]++;
    }
    // Of 5 parts: answer, notes and recall 3.5 (they all begin with "answer"), modify 1, judge 0.5.
    for (const [kind, share] of [
      ['answer', 0.7],
      ['modify', 0.2],
      ['judge', 0.1],
    ] as const) {
      assert(Math.abs(counts[kind] / n - share) < 0.04, JSON.stringify(counts));
    }
  });

  it('is the same for the same random stream and fits into 64 tokens', () => {
    const [once, again] = [1, 2].map(() => mixedSequences(deriveRandom('same'), mixture, judgments));
    for (let i = 0; i < nRandom; i++) {
      const sequence = next(once!);
      assert.deepEqual(next(again!), sequence);
      assert(sequence.tokens.length <= 64);
    }
  });

  it('puts the loss on the completion alone', () => {
    const { tokens, lossFrom } = trainingSequence({ prompt: 'modify 1', completion: '2' });
    assert.equal(decodeTokens(tokens.slice(lossFrom)), '2 <eos>');
  });
});

function next(sequences: Generator<TrainingSequence, never>): TrainingSequence {
  return sequences.next().value;
}
