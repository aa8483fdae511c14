import assert from 'node:assert/strict';
import { SECRET_MARK, Secrets, SHORTEST_SECRET, withoutKey } from '../../lib/src/core/secrets.js';

/** Every character that some encoding changes. */
const KEY = String.raw`sk-Te5t/7+Qz=9"kL&x\w%1<b>'~`;
const { redact } = new Secrets([KEY]);

/** What is left of the text once the mark stands in it as often as expected. */
function assertHides(text: string, nMarks = 1): string {
  const hidden = redact(text);
  assert.equal(hidden.split(SECRET_MARK).length - 1, nMarks, hidden);
  return hidden;
}

describe('secrets', () => {
  it('are taken out wherever they stand, and nothing else is', () => {
    assert.equal(redact(`${KEY} and ${KEY}.`), '[secret] and [secret].');
    assert.equal(redact(`Authorization: Bearer ${KEY}`), 'Authorization: Bearer [secret]');
    assert.equal(redact('a text without any'), 'a text without any');
    assert.equal(new Secrets().redact(KEY), KEY);
  });

  it('are found without the scheme with which a header was given', () => {
    for (const scheme of ['Bearer', 'basic', 'Api-Key']) {
      const value = `${scheme} ${KEY}`;
      const { redact: redactHeader } = new Secrets([value]);
      assert.equal(redactHeader(`wrong key ${KEY}`), 'wrong key [secret]');
      assert.equal(redactHeader(value), `${scheme} [secret]`);
      const stored = withoutKey(`I am ${KEY}`, { keys: [value], redact: redactHeader });
      assert.equal(stored, 'I am [secret]');
    }
  });

  it('are found in JSON, and in JSON inside JSON', () => {
    const once = JSON.stringify({ error: `bad key ${KEY}` });
    assert.equal(assertHides(once), '{"error":"bad key [secret]"}');
    assertHides(JSON.stringify({ body: once }));
    // As PHP and Go write it: json_encode escapes slashes, encoding/json <, > and &.
    assertHides(once.replaceAll('/', '\\/'));
    assertHides(once.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`));
  });

  it('are found percent-encoded, in either case and more than once', () => {
    assertHides(`/v1/models?key=${encodeURIComponent(KEY)}&x=1`);
    assertHides(encodeURIComponent(KEY).replace(/%../g, (code) => code.toLowerCase()));
    assertHides(encodeURIComponent(encodeURIComponent(KEY)));
    // encodeURI leaves some signs as they are.
    assertHides(encodeURI(KEY));
    const { redact: redactWords } = new Secrets(['open sesame']);
    assert.equal(redactWords(new URLSearchParams({ key: 'open sesame' }).toString()), 'key=[secret]');
  });

  it('are found as HTML shows them', () => {
    const named: Record<string, string> = {
      '&': '&amp;',
      '<': '&lt;',
      '>': '&gt;',
      '"': '&quot;',
      "'": '&#39;',
    };
    assertHides(KEY.replace(/[&<>"']/g, (sign) => named[sign]!));
    assertHides(KEY.replace(/[&<>"'/]/g, (sign) => `&#x${sign.charCodeAt(0).toString(16)};`));
  });

  it('are found in base64 of anything around them, in both of its alphabets', () => {
    // Three lengths before it, three behind it: every way in which bytes fall into groups of three.
    for (const before of ['', 'user:', 'ab', 'abc', 'Bearer ']) {
      for (const after of ['', '!', '!!', '\n']) {
        const bytes = Buffer.from(before + KEY + after);
        assertHides(`Basic ${bytes.toString('base64')} end`);
        assertHides(`Basic ${bytes.toString('base64url')} end`);
        assertHides(encodeURIComponent(bytes.toString('base64')));
      }
    }
  });

  it('leave at most one of their characters in base64', () => {
    const encoded = Buffer.from(`user:${KEY}`).toString('base64');
    const rest = redact(encoded).replace(SECRET_MARK, '');
    assert.ok(Buffer.from(rest, 'base64').toString().length <= 'user:'.length + 1, rest);
  });

  it('are found where a text was cut within them', () => {
    for (let nLeft = SHORTEST_SECRET; nLeft <= KEY.length; nLeft++) {
      assert.equal(redact(`wrong key ${KEY.slice(0, nLeft)}`), 'wrong key [secret]');
      assert.equal(redact(`wrong key ${KEY.slice(0, nLeft)}…`), 'wrong key [secret]…');
    }
    assert.equal(redact('sk-Te5 is how keys begin'), 'sk-Te5 is how keys begin');
  });

  it('may be several, one of which begins with another', () => {
    const secrets = new Secrets(['secret-one', 'secret-one-and-more']);
    secrets.add('third-secret');
    assert.equal(
      secrets.redact('secret-one, secret-one-and-more, third-secret'),
      '[secret], [secret], [secret]',
    );
  });

  it('are not looked for when they are too short to tell from other text', () => {
    assert.equal(new Secrets(['EMPTY', '']).redact('EMPTY'), 'EMPTY');
    assert.equal(new Secrets(['ollama']).redact('ollama'), SECRET_MARK);
  });

  it('take no power over the search', () => {
    assert.equal(new Secrets(['.*.*.*|']).redact('anything'), 'anything');
    assert.equal(new Secrets(['(((((((']).redact('f((((((('), 'f[secret]');
    assert.equal(new Secrets(['$&$&$&$&']).redact('a $&$&$&$&'), 'a [secret]');
  });
});
