// Detects personal details and secrets in a text by patterns, and by check digits where a detail has them.

/** Kinds of details. */
export const PERSONAL_DETAILS = ['private-key', 'token', 'email', 'iban', 'card', 'ip', 'phone'] as const;

/** See {@link PERSONAL_DETAILS}. */
export type PersonalDetail = (typeof PERSONAL_DETAILS)[number];

interface Detector {
  pattern: RegExp;
  /** Validates a match of the pattern. */
  holds?: (found: string) => boolean;
}

/** In the order in which they are applied: a detail that an earlier screen masks is hidden from later ones. */
const DETECTORS: Readonly<Record<PersonalDetail, Detector>> = {
  // RFC 7468, and PGP's.
  'private-key': {
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----[\s\S]{0,16384}?(?:-----END [A-Z0-9 ]{0,40}-----|$)/g,
  },
  // Prefixes by which services mark their keys, and JSON Web Tokens (RFC 7519).
  token: {
    pattern:
      /\b(?:sk-[\w-]{20,}|[rsp]k_(?:live|test)_\w{16,}|gh[opsur]_\w{36,}|github_pat_\w{22,}|glpat-[\w-]{20,}|hf_[A-Za-z]{30,}|xox[abeprs]-[\w-]{10,}|AKIA[A-Z0-9]{16}|AIza[\w-]{35}|npm_\w{36}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,})/g,
  },
  // The length limits are those of RFC 5321; they bound the search.
  email: {
    pattern:
      /(?<![\w.%+-])[\w.%+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}(?![\w-])/gi,
  },
  // ISO 13616.
  iban: {
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g,
    holds: hasIbanCheck,
  },
  // ISO/IEC 7812: the first digits of the large schemes.
  card: { pattern: /(?<![\d.-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\d-]|\.\d)/g, holds: hasLuhnCheck },
  // IPv4 whole; IPv6 of at least five groups, since shorter ones look like times and ratios.
  ip: {
    pattern:
      /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d]|\.\d)|(?<![\w:])(?:[0-9a-f]{1,4}:){4,7}(?::?[0-9a-f]{1,4})(?![\w:])/gi,
    holds: (found) => found !== '127.0.0.1' && found !== '0.0.0.0',
  },
  // With a country code (E.164), or in the North American form; plain digits are usually something else.
  phone: {
    pattern:
      /(?<![\w+.])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){2,4}|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}[.-]\d{3}[.-]\d{4})(?!\w|[.-]\d)/g,
    holds: (found) => /^\D*(?:\d\D*){7,15}$/.test(found),
  },
};

/** What was found, and the text with `[kind]` in its place. */
export interface ScreenedText {
  /** Each kind once, in the order of {@link PERSONAL_DETAILS}; empty where nothing was found. */
  found: PersonalDetail[];
  masked: string;
}

/** Looks for details of these kinds. */
export function screenPersonalDetails(text: string, kinds: readonly PersonalDetail[]): ScreenedText {
  const found: PersonalDetail[] = [];
  let masked = text;
  for (const kind of PERSONAL_DETAILS) {
    if (!kinds.includes(kind)) continue;
    const { pattern, holds } = DETECTORS[kind];
    const before = masked;
    masked = before.replace(pattern, (match) => (holds?.(match) === false ? match : `[${kind}]`));
    if (masked !== before) found.push(kind);
  }
  return { found, masked };
}

/** The check digit of card numbers (ISO/IEC 7812-1, annex B). */
function hasLuhnCheck(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    sum += i % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
  }
  // Repetitions of one digit, such as 0000 0000 0000 0000, can pass by chance.
  return sum % 10 === 0 && new Set(digits).size > 1;
}

/** The number of a bank account, its first four characters moved to the end and letters as 10 to 35, is 1 modulo 97 (ISO 7064). */
function hasIbanCheck(text: string): boolean {
  const compact = text.replace(/ /g, '');
  if (compact.length < 15 || compact.length > 34) return false;
  let rest = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    for (const digit of String(Number.parseInt(character, 36))) rest = (rest * 10 + Number(digit)) % 97;
  }
  return rest === 1;
}
