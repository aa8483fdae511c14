// The formula of a `multi` grader: numbers, names of graders, + - * /, parentheses, min and max.

interface Reader {
  tokens: readonly string[];
  at: number;
  valueOf: (name: string) => number;
}

const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-z_]\w*|[-+*/(),])/y;
/** Parentheses of a formula go no deeper. */
const MOST_DEPTH = 50;

/** The value of a formula that {@link namesIn} has no problem with; Infinity or NaN where it divides by 0. */
export function calculate(formula: string, scores: ReadonlyMap<string, number>): number {
  return sum({ tokens: tokensOf(formula), at: 0, valueOf: (name) => scores.get(name) ?? NaN }, 0);
}

/** The graders that a formula names, and what is wrong with it, if anything. */
export function namesIn(formula: string): { names: string[]; problem: string | null } {
  const names: string[] = [];
  try {
    const valueOf = (name: string): number => {
      names.push(name);
      return 1;
    };
    const reader = { tokens: tokensOf(formula), at: 0, valueOf };
    sum(reader, 0);
    const rest = reader.tokens[reader.at];
    return { names, problem: rest === undefined ? null : `expected its end, received ${rest}` };
  } catch (thrown) {
    if (!(thrown instanceof FormulaError)) throw thrown;
    return { names, problem: thrown.message };
  }
}

class FormulaError extends Error {}

function tokensOf(formula: string): string[] {
  const tokens: string[] = [];
  const text = formula.trimEnd();
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
    const start = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined)
      throw new FormulaError(
        `expected numbers, names, + - * /, min and max; received ${text.slice(start, start + 20)}`,
      );
    tokens.push(token);
  }
  return tokens;
}

function sum(reader: Reader, depth: number): number {
  let value = product(reader, depth);
  for (;;) {
    if (take(reader, '+')) value += product(reader, depth);
    else if (take(reader, '-')) value -= product(reader, depth);
    else return value;
  }
}

function product(reader: Reader, depth: number): number {
  let value = factor(reader, depth);
  for (;;) {
    if (take(reader, '*')) value *= factor(reader, depth);
    else if (take(reader, '/')) value /= factor(reader, depth);
    else return value;
  }
}

function factor(reader: Reader, depth: number): number {
  if (depth > MOST_DEPTH) throw new FormulaError(`expected at most ${MOST_DEPTH} parentheses in each other`);
  if (take(reader, '-')) return -factor(reader, depth + 1);
  if (take(reader, '(')) {
    const value = sum(reader, depth + 1);
    demand(reader, ')');
    return value;
  }
  const token = reader.tokens[reader.at++] ?? '';
  if (/^\d/.test(token)) return Number(token);
  if (!/^[A-Za-z_]/.test(token))
    throw new FormulaError(`expected a number or a name, received ${token === '' ? 'its end' : token}`);
  if (!take(reader, '(')) return reader.valueOf(token);
  if (token !== 'min' && token !== 'max')
    throw new FormulaError(`expected min or max, received the function ${token}`);
  const values = [sum(reader, depth + 1)];
  while (take(reader, ',')) values.push(sum(reader, depth + 1));
  demand(reader, ')');
  return Math[token](...values);
}

function take(reader: Reader, token: string): boolean {
  if (reader.tokens[reader.at] !== token) return false;
  reader.at += 1;
  return true;
}

function demand(reader: Reader, token: string): void {
  if (!take(reader, token))
    throw new FormulaError(`expected ${token}, received ${reader.tokens[reader.at] ?? 'its end'}`);
}
