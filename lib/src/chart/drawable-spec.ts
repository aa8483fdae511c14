// Makes a specification safe to draw where it sorts by words of users.
import type { TopLevelSpec } from 'vega-lite';

/** Signals that every chart has. */
const SIGNALS = new Set(['width', 'height', 'padding', 'autosize', 'background', 'cursor']);

/**
 * The same specification, with the order of the rows in place of an order by words that are names of signals or that every object
 * inherits, such as `constructor`: vega-lite writes an order into an expression, in which Vega takes such texts for signals and fails.
 */
export function drawableSpec<Spec extends TopLevelSpec>(spec: Spec): Spec {
  return withoutSignalOrder(spec) as Spec;
}

function withoutSignalOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSignalOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, unknown] => {
      if (key === 'data' || key === 'datasets') return [key, inner];
      const isUnsafe = key === 'sort' && Array.isArray(inner) && inner.some(isSignalName);
      return [key, isUnsafe ? null : withoutSignalOrder(inner)];
    }),
  );
}

function isSignalName(word: unknown): boolean {
  return typeof word === 'string' && (word in {} || SIGNALS.has(word));
}
