// An assertion for numbers that are right up to rounding.
import assert from 'node:assert/strict';

/** Fails unless `actual` is a number within `tolerance` of `expected`. */
export function near(actual: number | null, expected: number, tolerance: number): void {
  assert.ok(
    actual !== null && Math.abs(actual - expected) <= tolerance,
    `expected ${expected} within ${tolerance}, got ${actual}`,
  );
}
