import assert from 'node:assert/strict';
import {
  benchmarkNamed,
  pairColumnsSchema,
  pairsBenchmark,
  type GoldItem,
} from '../../../lib/src/evaluate/index.js';
import { benchmarkItemSchema, type BenchmarkItem } from '../../../lib/src/schema/index.js';
import { rowsOf, sorted } from '../tables.js';

const place = { file: 'f', companion: (): null => null };

function itemsOf(
  columns: Record<string, unknown>,
  ...rows: (Record<string, unknown> | string)[]
): Promise<{ kept: GoldItem[]; dropped: string[] }> {
  return sorted(pairsBenchmark(pairColumnsSchema.parse(columns)).items(rowsOf(...rows), place));
}

describe("a user's own pairs", () => {
  it('are winner and loser by any column names', async () => {
    const { kept, dropped } = await itemsOf(
      {
        instruction: 'prompt',
        winner: 'chosen',
        loser: 'rejected',
        itemId: 'n',
        slice: 'topic',
        errorKind: 'flaw',
        winnerModel: 'by',
        loserModel: 'against',
        reference: 'answer',
      },
      {
        prompt: 'p',
        chosen: 'c',
        rejected: 'r',
        n: 12,
        topic: 't',
        flaw: 'f',
        by: 'm',
        against: 'l',
        answer: 'a',
      },
    );
    assert.deepEqual(dropped, []);
    assert.deepEqual(
      kept.map((item) => benchmarkItemSchema.parse(item)),
      [
        {
          itemId: '12',
          instruction: 'p',
          slice: 't',
          errorKind: 'f',
          winner: 'c',
          loser: 'r',
          winnerModel: 'm',
          loserModel: 'l',
          reference: 'a',
        },
      ],
    );
  });

  it('are two responses and a label', async () => {
    const labelled = (label: unknown, n: number): Record<string, unknown> => ({
      instruction: 'p',
      x: 'one',
      y: 'two',
      label,
      itemId: String(n),
    });
    const { kept, dropped } = await itemsOf(
      { first: 'x', second: 'y', label: 'label' },
      ...[1, 'A>B', 'B', '2.0', 'tie', 'C', 'A=B', '3', null, true].map(labelled),
    );
    assert.deepEqual(
      kept.map(({ itemId, winner, goldTie, givenFirst }) => [itemId, winner, goldTie, givenFirst]),
      [
        ['0', 'one', undefined, undefined],
        ['1', 'one', undefined, undefined],
        ['2', 'two', undefined, 'loser'],
        ['3', 'two', undefined, 'loser'],
        ['4', 'one', true, undefined],
        ['5', 'one', true, undefined],
        ['6', 'one', true, undefined],
      ],
    );
    assert.deepEqual(dropped, ['line 8: unknown-label', 'line 9: no-label', 'line 10: unknown-label']);
  });

  it('are refused whole where 0 is a label whose meaning was not given', async () => {
    const row = { instruction: 'p', x: 'one', y: 'two' };
    const columns = { first: 'x', second: 'y', label: 'label' };
    for (const zero of [0, '0', '0.0'])
      await assert.rejects(
        itemsOf(columns, { ...row, label: 1 }, { ...row, label: zero }),
        /column "label": expected labels whose meaning is known, received 0, which may mean a tie.*columns\.labels/s,
      );
    const goldBy = async (labels: Record<string, unknown>, ...said: unknown[]): Promise<unknown[]> => {
      const rows = said.map((label, n) => ({ ...row, label, itemId: String(n) }));
      const { kept } = await itemsOf({ ...columns, labels }, ...rows);
      return kept.map(({ goldTie, givenFirst }) =>
        goldTie ? 'tie' : givenFirst === 'loser' ? 'second' : 'first',
      );
    };
    assert.deepEqual(await goldBy({ first: [0], second: [1] }, 0, '1.0', 1), ['first', 'second', 'second']);
    assert.deepEqual(await goldBy({ tie: [0] }, 0, 1, 2), ['tie', 'first', 'second']);
    assert.deepEqual(await goldBy({ first: [true], second: [false] }, true, 'false'), ['first', 'second']);
    // As Python writes them, and in small letters; a value written as it is goes first.
    assert.deepEqual(await goldBy({ first: [true], second: [false] }, 'True', 'FALSE'), ['first', 'second']);
    assert.deepEqual(await goldBy({}, 'a', ' b', 'TIE'), ['first', 'second', 'tie']);
    assert.deepEqual(await goldBy({ first: ['a'], second: ['A'] }, 'a', 'A'), ['first', 'second']);
  });

  it('may have numbers that a threshold parts', async () => {
    const row = { instruction: 'p', x: 'one', y: 'two' };
    const labels = { first: [], second: [], tie: [0], threshold: 1.5 };
    const { kept, dropped } = await itemsOf(
      { first: 'x', second: 'y', label: 'preference', labels },
      ...[1, 1.46, 1.5, '1.9', 0, null, 'x'].map((preference) => ({ ...row, preference })),
    );
    assert.deepEqual(
      kept.map(({ goldTie, givenFirst }) => (goldTie ? 'tie' : givenFirst === 'loser' ? 'second' : 'first')),
      ['first', 'first', 'tie', 'second', 'tie'],
    );
    assert.deepEqual(dropped, ['line 6: no-label', 'line 7: unknown-label']);
  });

  it('may have labels of their own', async () => {
    const { kept, dropped } = await itemsOf(
      { first: 'x', second: 'y', label: 'better', labels: { second: ['right'], tie: [] } },
      { instruction: 'p', x: 'one', y: 'two', better: 'right' },
      { instruction: 'p', x: 'one', y: 'two', better: 'tie' },
    );
    assert.equal(kept[0]?.winner, 'two');
    assert.deepEqual(dropped, ['line 2: unknown-label']);
  });

  it('keep the models with winner and loser, wherever the label says that these stand', async () => {
    const row = { instruction: 'p', x: 'one', y: 'two', winnerModel: 'w', loserModel: 'l' };
    const { kept } = await itemsOf(
      { first: 'x', second: 'y', label: 'label' },
      { ...row, label: 'A' },
      { ...row, label: 'B' },
    );
    assert.deepEqual(
      kept.map(({ winner, winnerModel, loserModel }) => [winner, winnerModel, loserModel]),
      [
        ['one', 'w', 'l'],
        ['two', 'w', 'l'],
      ],
    );
  });

  it("are this project's benchmark items unless columns are named, with their ties and their listing", async () => {
    const item: BenchmarkItem = {
      itemId: 'x',
      instruction: 'p',
      slice: 's',
      errorKind: 'e',
      winner: 'w',
      loser: '',
      winnerModel: 'm',
      loserModel: 'l',
    };
    const items: BenchmarkItem[] = [
      item,
      { ...item, goldTie: true },
      { ...item, givenFirst: 'loser', reference: 'r' },
    ];
    const { kept } = await sorted(benchmarkNamed('pairs')!.items(rowsOf(...items), place));
    assert.deepEqual(kept, items);
  });

  it('are named by what they say where they have no id, and are in one slice where they have none', async () => {
    const row = { instruction: 'p', winner: 'w', loser: 'l' };
    const { kept } = await itemsOf({}, row, { ...row }, { ...row, loser: 'other' });
    const ids = kept.map(({ itemId }) => itemId);
    assert.match(ids[0]!, /^[0-9a-f]{16}$/);
    assert.equal(ids[0], ids[1]);
    assert.notEqual(ids[0], ids[2]);
    assert.deepEqual([kept[0]?.slice, kept[0]?.errorKind], ['all', 'all']);
  });

  it('are dropped with a reason where a column is missing or holds no text', async () => {
    const { kept, dropped } = await itemsOf(
      {},
      { instruction: 'p', winner: 'w' },
      { instruction: 'p', winner: 'w', loser: 7 },
      { instruction: '', winner: 'w', loser: 'l' },
      'not JSON',
    );
    assert.deepEqual(kept, []);
    assert.deepEqual(dropped, [
      'line 1: wrong-shape',
      'line 2: wrong-shape',
      'line 3: empty-instruction',
      'line 4: unreadable-row',
    ]);
  });

  it('need one form of columns, whole', () => {
    const problems = (columns: unknown): string[] =>
      pairColumnsSchema.safeParse(columns).error?.issues.map(({ message }) => message) ?? [];
    assert.deepEqual(problems({ first: 'x', second: 'y' }), ['expected first, second and label together']);
    assert.deepEqual(problems({ label: 'x' }), ['expected first, second and label together']);
    assert.deepEqual(problems({ first: 'x', second: 'y', label: 'z', winner: 'w' }), [
      'expected winner and loser, or first, second and label, not both',
    ]);
    assert.equal(problems({ chosen: 'x' }).length, 1);
    assert.equal(problems({ winner: '' }).length, 1);
    assert.deepEqual(problems({ winner: 'chosen' }), []);
  });

  it('may stand in nested fields, and a column whose name has dots is still found', async () => {
    const columns = {
      instruction: 'prompt.0.content',
      first: 'out[0].text',
      second: 'out[1].text',
      label: 'a.b',
    };
    const row = {
      prompt: [{ role: 'user', content: 'p' }],
      out: [{ text: 'one' }, { text: 'two' }],
      'a.b': 'B',
      a: { b: 'A' },
    };
    const { kept, dropped } = await itemsOf(columns, row, {
      ...row,
      'a.b': undefined,
      out: [{ text: 'one' }],
    });
    assert.deepEqual(
      kept.map(({ instruction, winner, loser }) => [instruction, winner, loser]),
      [['p', 'two', 'one']],
    );
    assert.deepEqual(dropped, ['line 2: wrong-shape']);
  });
});

describe('pairs of conversations', () => {
  const user = (content: string): object => ({ role: 'user', content });
  const assistant = (content: unknown): object => ({ role: 'assistant', content });
  const columns = { instruction: 'prompt', winner: 'chosen', loser: 'rejected' };
  const read = async (...rows: Record<string, unknown>[]): Promise<[string[][], string[]]> => {
    const { kept, dropped } = await itemsOf(columns, ...rows);
    return [kept.map(({ instruction, winner, loser }) => [instruction, winner, loser]), dropped];
  };

  it('share their prompt, which may stand beside them too, as a text or as messages', async () => {
    const [kept, dropped] = await read(
      { chosen: [user('p'), assistant('c')], rejected: [user('p'), assistant('r')] },
      { prompt: 'p', chosen: [user('p'), assistant('c')], rejected: [user('p'), assistant('r')] },
      { prompt: [user('p')], chosen: [assistant('c')], rejected: [assistant([{ type: 'text', text: 'r' }])] },
      { prompt: [user('p')], chosen: 'c', rejected: 'r' },
      { prompt: 'p', chosen: [assistant('c')], rejected: [assistant('r')] },
    );
    assert.deepEqual([kept, dropped], [Array(5).fill(['p', 'c', 'r']), []]);
  });

  it('of several turns are one text, with a heading for each role', async () => {
    const before = [{ role: 'system', content: 's' }, user('p'), assistant('a'), user('q')];
    const text = '### System\ns\n\n### User\np\n\n### Assistant\na\n\n### User\nq';
    const [kept] = await read(
      { prompt: 'q', chosen: [...before, assistant('c')], rejected: [...before, assistant('r')] },
      {
        prompt: before.slice(0, 2),
        chosen: [...before.slice(2), assistant('c')],
        rejected: [...before.slice(2), assistant('r')],
      },
    );
    assert.deepEqual(kept, [
      [text, 'c', 'r'],
      [text, 'c', 'r'],
    ]);
  });

  it('are dropped with the reason where prompts differ, or no answer comes last', async () => {
    const [kept, dropped] = await read(
      { chosen: [user('p'), assistant('c')], rejected: [user('other'), assistant('r')] },
      { chosen: [user('p'), assistant('c')], rejected: [assistant('r')] },
      { prompt: 'other', chosen: [user('p'), assistant('c')], rejected: [user('p'), assistant('r')] },
      { chosen: [user('p')], rejected: [user('p'), assistant('r')] },
      { chosen: [assistant('c')], rejected: [assistant('r')] },
      { prompt: 'p', chosen: [{ from: 'gpt', value: 'c' }], rejected: 'r' },
      { prompt: 'p', chosen: [], rejected: 'r' },
    );
    assert.deepEqual(kept, []);
    assert.deepEqual(
      dropped.map((drop) => drop.replace(/^line \d: /, '')),
      [
        'prompts-differ',
        'prompts-differ',
        'prompts-differ',
        'no-response',
        ...Array<string>(3).fill('wrong-shape'),
      ],
    );
    for await (const outcome of pairsBenchmark(pairColumnsSchema.parse(columns)).items(
      rowsOf({ chosen: [user('p'), assistant('c')], rejected: [user('q'), assistant('r')] }),
      place,
    ))
      assert.match(JSON.stringify(outcome), /chosen.* and .*rejected.*from message 1 on/);
  });
});
