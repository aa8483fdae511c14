import assert from 'node:assert/strict';
import { cutSuffixOf, suffixOf } from '../../../lib/src/experiment/run/suffix.js';

describe('the suffix of trained models', () => {
  for (const [name, iteration, expected] of [
    ['quickstart', 2, 'quickstart-2'],
    // Eighteen characters from the end would be lanted-shortcuts-1.
    ['planted-shortcuts', 1, 'shortcuts-1'],
    ['of-planted-shortcut', 1, 'planted-shortcut-1'],
    ['a-x-planted-shortcut', 1, 'planted-shortcut-1'],
    ['one-word-antidisestablishment', 3, 'disestablishment-3'],
  ] as const)
    it(`of ${name} is ${expected}`, () => assert.equal(suffixOf(name, iteration), expected));

  it('is cut in the key of a job as ever, so that earlier jobs are found', () =>
    assert.equal(cutSuffixOf('planted-shortcuts', 1), 'lanted-shortcuts-1'));
});
