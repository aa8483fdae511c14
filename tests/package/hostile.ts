// Calls of public functions with one value replaced by a hostile one, and what such a call may do.
import assert from 'node:assert/strict';
import fc from 'fast-check';

/** A function, arguments that it takes, and the hostile values that it takes as well. */
export interface Call {
  call: (...given: never[]) => unknown;
  args: readonly unknown[];
  /** By kind of value: the places where it is allowed, as a pattern of paths such as `0.1` or `1.nResamples`. */
  takes?: Partial<Record<Kind, RegExp>>;
  /** Results that are documented although they are not finite. */
  returns?: readonly number[];
}

type Kind = 'null' | 'undefined' | 'string' | 'boolean' | 'NaN' | 'bigint' | 'object' | 'function';

const WRONG: Record<Kind, unknown> = {
  null: null,
  undefined: undefined,
  string: '0.5',
  boolean: true,
  NaN: NaN,
  bigint: 1n,
  object: {},
  function: () => 0.5,
};

const numbers = fc.oneof(
  fc.double(),
  fc.constantFrom(-1, 0, 0.5, 1, 2, 150, 1e-320, 1e-12, 1e100, 1e200, 1.7e308, 2 ** 53, Infinity, -Infinity),
);

/** The path of every number in the arguments. */
function placesIn(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value === 'number') return [[...path]];
  if (typeof value !== 'object' || value === null) return [];
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key])) : [];
}

/** A copy with one value replaced. */
function withValue(value: unknown, [key, ...rest]: readonly string[], hostile: unknown): unknown {
  if (key === undefined) return hostile;
  const inner = withValue((value as Record<string, unknown>)[key], rest, hostile);
  if (Array.isArray(value)) return value.map((each: unknown, i) => (String(i) === key ? inner : each));
  return { ...(value as object), [key]: inner };
}

/** Calls with a hostile value in one place; undefined when the call was refused in words. */
function outcomeOf(
  { call, args }: Call,
  path: readonly string[],
  hostile: unknown,
): { value: unknown } | null {
  try {
    return { value: call(...(withValue(args, path, hostile) as never[])) };
  } catch (thrown) {
    assert.ok(thrown instanceof RangeError || thrown instanceof TypeError, String(thrown));
    if (thrown instanceof RangeError) assert.match(thrown.message, /: expected .+, received /);
    return null;
  }
}

/** Fails for a number that is not finite, and for undefined, at any depth. */
function assertSound(value: unknown, allowed: readonly number[] = []): void {
  if (typeof value === 'number')
    assert.ok(Number.isFinite(value) || allowed.includes(value), `returned ${value}`);
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) assertSound(inner, allowed);
  else assert.notEqual(value, undefined);
}

/** A value of the wrong type in the place of a number is refused, unless the function is said to take it. */
export function refusesWrongTypes(name: string, one: Call): void {
  for (const path of placesIn(one.args)) {
    for (const [kind, hostile] of Object.entries(WRONG) as [Kind, unknown][]) {
      const outcome = outcomeOf(one, path, hostile);
      const place = path.join('.');
      if (outcome === null) continue;
      assert.match(place, one.takes?.[kind] ?? /^never$/, `${name} takes ${kind} at ${place}`);
      assertSound(outcome.value, one.returns);
    }
  }
}

/** Any number in the place of a number gives finite numbers and nulls, or is refused. */
export function survivesAnyNumber(one: Call): void {
  assertSound(one.call(...(one.args as never[])), one.returns);
  const places = placesIn(one.args);
  if (places.length === 0) return;
  const law = fc.property(fc.constantFrom(...places), numbers, (path, hostile) => {
    const outcome = outcomeOf(one, path, hostile);
    if (outcome) assertSound(outcome.value, one.returns);
  });
  fc.assert(law, { seed: 1, numRuns: 200 });
}

/** The functions of an entry; for a class its constructor, as `new Name`, and each method that takes something, as `Name.method`. */
export function functionsOf(entry: object): string[] {
  return Object.entries(entry).flatMap(([name, exported]: [string, unknown]) => {
    if (typeof exported !== 'function') return [];
    if (!/^class\b/.test(Function.prototype.toString.call(exported))) return [name];
    const { prototype } = exported as { prototype: object };
    const methods = Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(
      ([method, { value }]: [string, { value?: unknown }]) =>
        method !== 'constructor' && typeof value === 'function' && value.length > 0
          ? [`${name}.${method}`]
          : [],
    );
    return [`new ${name}`, ...methods];
  });
}
