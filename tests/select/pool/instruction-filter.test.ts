import assert from 'node:assert/strict';
import {
  PERSONAL_DETAILS,
  screenPersonalDetails,
  type PersonalDetail,
} from '../../../lib/src/select/index.js';
import { detailsOf, dropsOf, jsonl, readFrom, textsOf } from './pool-file.js';

const screen = (text: string): { found: PersonalDetail[]; masked: string } =>
  screenPersonalDetails(text, PERSONAL_DETAILS);

describe('filters of a pool', () => {
  const read = (texts: string[], filters: object) =>
    readFrom(
      { 'a.jsonl': jsonl(...texts.map((instruction) => ({ instruction }))) },
      { files: [{ path: 'a.jsonl' }], filters },
    );

  it('bound characters and words', async () => {
    const outcomes = await read(['abc', 'one two three', 'a b c d e', 'abcdefghijklmnopqrst'], {
      characters: { min: 4, max: 15 },
      words: { max: 4 },
    });
    assert.deepEqual(textsOf(outcomes), ['one two three']);
    assert.deepEqual(dropsOf(outcomes), [
      ['a.jsonl:1', 'too-short'],
      ['a.jsonl:3', 'too-long'],
      ['a.jsonl:4', 'too-long'],
    ]);
    assert.deepEqual(detailsOf(outcomes), ['3 characters', '5 words', '20 characters']);
  });

  it('drop what has personal details, by the kind that was found', async () => {
    const outcomes = await read(['Mail jo@example.org or +49 30 1234567.', 'Nothing here.'], {
      personalDetails: {},
    });
    assert.deepEqual(dropsOf(outcomes), [['a.jsonl:1', 'personal-email']]);
    assert.deepEqual(detailsOf(outcomes), ['email, phone']);
  });

  it('mask personal details where the pool says so, and tell how many', async () => {
    const masked: string[] = [];
    const outcomes = await readFrom(
      { 'a.txt': 'Mail jo@example.org or ann@example.org.\nNothing here.' },
      { files: [{ path: 'a.txt' }], filters: { personalDetails: { mode: 'mask', kinds: ['email'] } } },
      { onMasked: (kinds) => masked.push(...kinds) },
    );
    assert.deepEqual(textsOf(outcomes), ['Mail [email] or [email].', 'Nothing here.']);
    assert.deepEqual(masked, ['email']);
  });
});

describe('personal details', () => {
  const made = (...parts: string[]): string => parts.join('');
  for (const [kind, texts] of Object.entries({
    email: ['jo.smith+x@mail.example.co.uk'],
    phone: ['+49 30 1234567', '+1 (415) 555-0132', '(415) 555-0132', '415-555-0132'],
    // Published test numbers: they have the right check digits and belong to nobody.
    card: ['4111 1111 1111 1111', '5500000000000004', '3782 822463 10005'],
    iban: ['DE89 3704 0044 0532 0130 00', 'GB82WEST12345698765432'],
    ip: ['192.168.10.254', '2001:0db8:85a3:0000:0000:8a2e:0370:7334'],
    token: [
      made('sk', '-', 'abcdefghijklmnopqrstuvwx'),
      made('AKIA', 'ABCDEFGHIJKLMNOP'),
      made('gh', 'p_', 'a'.repeat(36)),
      made('eyJ', 'hbGciOiJIUzI1', '.eyJ', 'zdWIiOiIxMjM0', '.', 'SflKxwRJSMeKKF2Q'),
    ],
    'private-key': [made('-----BEGIN RSA PRIVATE', ' KEY-----\nMIIE\n-----END RSA PRIVATE', ' KEY-----')],
  } satisfies Record<PersonalDetail, string[]>)) {
    it(`of the kind ${kind} are found and masked`, () => {
      for (const text of texts)
        assert.deepEqual(screen(`See ${text}, please`), { found: [kind], masked: `See [${kind}], please` });
    });
  }

  it('are not seen in numbers, times, versions and formulas', () => {
    for (const text of [
      'Compute 3.14159265358979 times 1234567890.',
      'The train leaves at 10:45:30 and costs 12.50.',
      'Version 1.2.3 of 2024-05-17, not 300.1.2.3.',
      'A ratio of 1:2:3, and x@y in code: a @ b.',
      // The last digit is wrong.
      'Order 4111 1111 1111 1112 has 16 digits, DE89 3704 0044 0532 0130 02 is no account.',
      'sk-short, 127.0.0.1 and 0.0.0.0',
      'Add 555 1234 and 20 30 40.',
    ])
      assert.deepEqual(screen(text), { found: [], masked: text });
  });

  it('are looked for in long texts of one kind of sign in little time', () => {
    for (const sign of ['a', '1', '@', '.', 'a@', '1-', '+1 ', '1:', '-----BEGIN PRIVATE KEY-----']) {
      const start = performance.now();
      screen(sign.repeat(50_000 / sign.length));
      assert.ok(performance.now() - start < 5000, sign);
    }
  });
});
