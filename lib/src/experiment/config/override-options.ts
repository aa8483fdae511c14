// Overrides as a person types them.
import { quotedWord } from '../../core/shell-word.js';

/** `--set` options, each fit for a shell. */
export function overrideOptions(overrides: readonly string[]): string[] {
  return overrides.map((override) => `--set ${quotedWord(override)}`);
}
