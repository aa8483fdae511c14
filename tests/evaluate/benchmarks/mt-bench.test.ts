import assert from 'node:assert/strict';
import type { Row } from '../../../lib/src/datasets/index.js';
import { benchmarkNamed, figuresOverAll, type HumanVotes } from '../../../lib/src/evaluate/index.js';
import { benchmarkItemSchema } from '../../../lib/src/schema/index.js';
import { brief, rowsOf, sorted, tableFrom } from '../tables.js';

const benchmark = benchmarkNamed('mt-bench')!;

/** A conversation in which both sides say what they are called and the number of the turn. */
function conversation(name: string, nTurns = 2): { role: string; content: string }[] {
  return Array.from({ length: nTurns }, (_, i) => [
    { role: 'user', content: `ask ${i + 1}` },
    { role: 'assistant', content: `${name} ${i + 1}` },
  ]).flat();
}

function vote(winner: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const names = { model_a: 'm', model_b: 'n', ...more };
  return {
    question_id: 81,
    winner,
    judge: 'expert_1',
    turn: 1,
    conversation_a: conversation(names.model_a),
    conversation_b: conversation(names.model_b),
    ...names,
    ...more,
  };
}

const reversed = { model_a: 'n', model_b: 'm' };

function place(companions: Record<string, () => AsyncGenerator<Row>> = {}) {
  return { file: 'f', companion: (name: string) => companions[name]?.() ?? null };
}

describe('MT-Bench items', () => {
  it('gather the votes on a pair, whichever model was listed first', async () => {
    const { kept, dropped } = await sorted(
      benchmark.items(
        rowsOf(
          vote('model_a'),
          vote('model_b', reversed),
          vote('model_a', reversed),
          vote('tie', reversed),
          vote('tie (inconsistent)'),
          vote('model_a', { judge: undefined }),
        ),
        place(),
      ),
    );
    assert.deepEqual(dropped, []);
    assert.equal(kept.length, 1);
    const { humanVotes, ...item } = kept[0]!;
    // For m: the first, the second (m was listed second there) and the last; for n: the third.
    assert.deepEqual(humanVotes, { first: 3, second: 1, tie: 2 });
    assert.deepEqual(benchmarkItemSchema.parse(item), {
      cluster: '81',
      itemId: '81/m/n/1',
      instruction: 'ask 1',
      slice: 'all',
      errorKind: 'turn 1',
      winner: 'm 1',
      loser: 'n 1',
      winnerModel: 'm',
      loserModel: 'n',
    });
  });

  it('are labelled by the majority of votes, and by a tie where there is none', async () => {
    const goldOf = async (...winners: string[]): Promise<string> => {
      const { kept } = await sorted(benchmark.items(rowsOf(...winners.map((one) => vote(one))), place()));
      return kept[0]?.goldTie ? 'tie' : (kept[0]?.winnerModel ?? 'none');
    };
    assert.equal(await goldOf('model_b'), 'n');
    assert.equal(await goldOf('model_b', 'model_a', 'model_a'), 'm');
    assert.equal(await goldOf('model_a', 'model_b'), 'tie');
    assert.equal(await goldOf('model_a', 'tie'), 'tie');
    assert.equal(await goldOf('tie', 'tie', 'model_a'), 'tie');
  });

  it('hold the conversation up to the turn that was voted on', async () => {
    const { kept } = await sorted(
      benchmark.items(rowsOf(vote('model_b', { turn: 2 }), vote('model_b')), place()),
    );
    const [second, first] = kept;
    assert.deepEqual(
      [second?.itemId, second?.errorKind, second?.instruction, second?.winner, second?.givenFirst],
      [
        '81/m/n/2',
        'turn 2',
        '### Turn 1\nask 1\n\n### Turn 2\nask 2',
        '### Turn 1\nn 1\n\n### Turn 2\nn 2',
        'loser',
      ],
    );
    assert.deepEqual([first?.itemId, first?.instruction, first?.winner], ['81/m/n/1', 'ask 1', 'n 1']);
  });

  it('have a reference for maths, reasoning and coding alone, and a category where questions are known', async () => {
    const questions = ['writing', 'math', 'reasoning', 'coding'].map((category, i) => ({
      question_id: i,
      category,
    }));
    const companions = {
      'question.jsonl': () => rowsOf(...questions, 'not JSON', { question_id: 4 }),
      'gpt-4.jsonl': () =>
        rowsOf(...questions.map(({ question_id }) => ({ question_id, choices: [{ turns: ['r1', 'r2'] }] }))),
    };
    const votes = questions.map(({ question_id }) => vote('model_a', { question_id }));
    const { kept } = await sorted(
      benchmark.items(
        rowsOf(...votes, vote('model_a', { question_id: 1, turn: 2 }), vote('model_a', { question_id: 9 })),
        place(companions),
      ),
    );
    assert.deepEqual(
      kept.map(({ slice, reference }) => [slice, reference]),
      [
        ['writing', undefined],
        ['math', 'r1'],
        ['reasoning', 'r1'],
        ['coding', 'r1'],
        ['math', '### Turn 1\nr1\n\n### Turn 2\nr2'],
        ['all', undefined],
      ],
    );
  });

  it('leave out votes that are not of experts, as compute_agreement.py does, and say so', async () => {
    const { kept, dropped } = await sorted(
      benchmark.items(
        rowsOf(vote('model_a'), vote('model_b', { judge: 'author_2' }), vote('tie', { judge: 'gpt4_pair' })),
        place(),
      ),
    );
    assert.deepEqual(kept[0]?.humanVotes, { first: 1, second: 0, tie: 0 });
    assert.deepEqual(dropped, ['line 2: no-expert', 'line 3: no-expert']);
  });

  it('are dropped with a reason where a vote cannot be used', async () => {
    const { kept, dropped } = await sorted(
      benchmark.items(
        rowsOf(
          'not JSON',
          vote('m'),
          vote('model_a', { turn: 3 }),
          vote('model_a', { conversation_b: 'text' }),
          vote('model_a', { turn: 2, conversation_b: conversation('n', 1) }),
          vote('model_a', { question_id: 5, conversation_a: [{ role: 'assistant', content: 'm 1' }] }),
          vote('model_a', {
            question_id: 6,
            conversation_a: [
              { role: 'user', content: '' },
              { role: 'assistant', content: 'm 1' },
            ],
          }),
        ),
        place(),
      ),
    );
    assert.deepEqual(kept, []);
    assert.deepEqual(dropped, [
      'line 1: unreadable-row',
      'line 2: wrong-shape',
      'line 3: wrong-shape',
      'line 4: wrong-shape',
      'line 5: missing-turn',
      'line 6: missing-turn',
      '6/m/n/1: empty-instruction',
    ]);
  });
});

describe('MT-Bench agreement with people', () => {
  const votes = (first: number, second: number, tie: number): { gold: 'first'; humanVotes: HumanVotes } => ({
    gold: 'first',
    humanVotes: { first, second, tie },
  });

  it('counts votes, not pairs, with ties and without', () => {
    const { agreementWithTies, agreementWithoutTies } = benchmark.figuresOf(
      tableFrom({
        first: { ...votes(2, 1, 1), given: 'A', swapped: 'B' },
        // The two orders contradict each other: a tie.
        tie: { ...votes(1, 0, 2), given: 'A', swapped: 'A' },
        second: { ...votes(1, 3, 0), given: 'B', swapped: 'A' },
      }),
    );
    // With ties 2 of 4, 2 of 3 and 3 of 4 votes; without, the tie of the judge and the one vote for a tie fall away: 2 of 3, 3 of 4.
    assert.deepEqual(brief(agreementWithTies), [0.636364, 11, 0]);
    assert.deepEqual(brief(agreementWithoutTies), [0.714286, 7, 0]);
  });

  it('takes a side and a tie in the two orders for a tie', () => {
    const figures = benchmark.figuresOf(tableFrom({ x: { ...votes(1, 0, 3), given: 'A', swapped: 'C' } }));
    assert.deepEqual(brief(figures.agreementWithTies), [0.75, 4, 0]);
    assert.deepEqual(brief(figures.agreementWithoutTies), [null, 0, 0]);
  });

  it('counts the votes on pairs that were not read in both orders as unscored', () => {
    const figures = benchmark.figuresOf(
      tableFrom({
        unread: { ...votes(2, 0, 1), given: 'A', swapped: '-' },
        oneOrder: { ...votes(0, 1, 1), given: 'A' },
      }),
    );
    assert.deepEqual(brief(figures.agreementWithTies), [null, 0, 5]);
    assert.deepEqual(brief(figures.agreementWithoutTies), [null, 0, 3]);
  });

  it('is no figure at all without votes of people', () => {
    assert.deepEqual(benchmark.figuresOf(tableFrom({ x: { gold: 'first', given: 'A', swapped: 'B' } })), {});
  });

  it('pools the votes of several subsets', () => {
    const subset = tableFrom({ x: { ...votes(1, 1, 0), given: 'A', swapped: 'B' } });
    const figures = figuresOverAll(
      benchmark,
      new Map([
        ['turn 1', subset],
        ['turn 2', subset],
      ]),
    );
    assert.deepEqual(brief(figures.agreementWithTies), [0.5, 4, 0]);
  });
});
