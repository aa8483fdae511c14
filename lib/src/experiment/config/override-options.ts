// Overrides as a person types them.

/** `--set` options, each fit for a shell. */
export function overrideOptions(overrides: readonly string[]): string[] {
  return overrides.map((override) => `--set '${override.replaceAll("'", String.raw`'\''`)}'`);
}
