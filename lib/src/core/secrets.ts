// Redacts secrets in texts before they are shown or stored, in every encoding in which servers and libraries return them.

/** The replacement of a secret. */
export const SECRET_MARK = '[secret]';

/** Shorter values, in characters, are not redacted: they occur in too many texts by chance. */
export const SHORTEST_SECRET = 6;

/** Redacts a text. */
export type Redact = (text: string) => string;

/**
 * The secrets of a process. A secret is found as it is, percent-encoded (once or more), escaped as in JSON (once or more) or HTML, and
 * inside base64 of anything around it, such as the `user:key` of HTTP Basic (RFC 7617, RFC 4648); of `Bearer key` the key is taken. A
 * truncated text may end within a secret; that prefix is redacted too, from {@link SHORTEST_SECRET} characters on. Other parts of a secret
 * are not found, so redact a text before truncating it.
 */
export class Secrets {
  /** The longest first, since one secret may be a prefix of another. */
  #values: readonly string[] = [];
  #pattern: RegExp | null = null;

  constructor(values: readonly string[] = []) {
    for (const value of values) this.add(value);
  }

  /** Adds a secret to redact; one shorter than {@link SHORTEST_SECRET} is ignored. */
  add(given: string): void {
    const value = keyIn(given);
    if (value.length < SHORTEST_SECRET || this.#values.includes(value)) return;
    this.#values = [...this.#values, value].sort((a, b) => b.length - a.length);
    const forms = [...this.#values.map(plainPattern), ...this.#values.flatMap(base64Patterns)];
    this.#pattern = new RegExp(forms.join('|'), 'gu');
  }

  /** The text with {@link SECRET_MARK} in place of every secret. Bound to its object, so that it can be passed on. */
  readonly redact: Redact = (text) => {
    if (this.#pattern === null) return text;
    return withoutCutSecret(text.replace(this.#pattern, SECRET_MARK), this.#values);
  };
}

/** The value of a header without the scheme before it, which a server leaves out where it names the key (RFC 9110, 11.4). */
function keyIn(value: string): string {
  return /^(?:bearer|basic|token|api-?key|key) +(\S+)$/i.exec(value)?.[1] ?? value;
}

const SECRET_NAME = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$/i;

/** The values of an environment whose names say that they are secrets, such as `HF_TOKEN`; not paths of files that hold one. */
export function secretsIn(environment: NodeJS.ProcessEnv): string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && SECRET_NAME.test(name) && !/^[~./]/.test(value) ? [value] : [],
  );
}

/** Keys of this length do not occur in a text by chance. */
const SHORTEST_CERTAIN_KEY = 16;

/**
 * Redacts a stored text, such as a completion, into which a server may have written its key. Short keys are words, such as `ollama`, and
 * are kept.
 */
export function withoutKey(
  text: string,
  { keys, redact }: { keys: readonly (string | null | undefined)[]; redact: Redact },
): string {
  const isThere = keys.some((given) => {
    const key = keyIn(given ?? '');
    return key.length >= SHORTEST_CERTAIN_KEY && text.includes(key);
  });
  return isThere ? redact(text) : text;
}

/** A pattern for a secret, with each character in any of its encodings. */
function plainPattern(secret: string): string {
  return Array.from(secret, characterPattern).join('');
}

const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** More backslashes come from JSON inside JSON; bounded, so that a text of backslashes takes no longer than others. */
const BACKSLASHES = String.raw`\\{1,8}`;

function characterPattern(character: string): string {
  // Unreserved characters, which no encoding changes (RFC 3986, 2.3).
  if (/^[\w.~-]$/.test(character)) return escaped(character);
  const hex = (n: number, nDigits: number): string => anyCase(n.toString(16).padStart(nDigits, '0'));
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  const codePoint = character.codePointAt(0) ?? 0;
  const forms = [
    character === '\\' ? BACKSLASHES : `(?:${BACKSLASHES})?${escaped(character)}`,
    [...Buffer.from(character)].map((byte) => `%(?:25)*${hex(byte, 2)}`).join(''),
    units.map((unit) => `${BACKSLASHES}u${hex(unit, 4)}`).join(''),
    `&#0*${codePoint};`,
    `&#[xX]0*${hex(codePoint, 1)};`,
  ];
  const named = NAMED_ENTITIES[character];
  if (named !== undefined) forms.push(named);
  // As forms are sent (application/x-www-form-urlencoded).
  if (character === ' ') forms.push('\\+');
  return `(?:${forms.join('|')})`;
}

/**
 * Base64 turns three bytes into four characters, so a text has three encodings, by its offset modulo 3. Its outermost characters also
 * depend on neighbouring bytes and are left out; the rest of the base64 text is redacted with it.
 */
function base64Patterns(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].map((nBefore) => {
    const encoded = Buffer.concat([Buffer.alloc(nBefore), bytes]).toString('base64');
    const first = Math.ceil((nBefore * 8) / 6);
    const end = Math.floor(((nBefore + bytes.length) * 8) / 6);
    const core = Array.from(encoded.slice(first, end), base64CharacterPattern).join('');
    return `${core}[\\w+/-]*=*`;
  });
}

/** Also in the URL alphabet (RFC 4648, 5), and percent-encoded. */
function base64CharacterPattern(character: string): string {
  if (character === '+') return '(?:[+-]|%(?:25)*2[bB])';
  if (character === '/') return `(?:_|(?:${BACKSLASHES})?/|%(?:25)*2[fF])`;
  return character;
}

/** Redacts the end of a text that was truncated within a secret. */
function withoutCutSecret(text: string, secrets: readonly string[]): string {
  const end = text.endsWith('…') ? text.length - 1 : text.length;
  for (const secret of secrets) {
    const beginning = secret.slice(0, SHORTEST_SECRET);
    let at = text.indexOf(beginning, Math.max(0, end - secret.length));
    while (at !== -1) {
      if (secret.startsWith(text.slice(at, end))) return text.slice(0, at) + SECRET_MARK + text.slice(end);
      at = text.indexOf(beginning, at + 1);
    }
  }
  return text;
}

function escaped(character: string): string {
  return /^[\\^$.*+?()[\]{}|/]$/.test(character) ? `\\${character}` : character;
}

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}
