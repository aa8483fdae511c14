// Families of models, told by name: what "its own responses" means when a judge is looked at for self-preference.

/** Names of models contain one of these words. A name with several counts to the one that it says first, as derived models do. */
const FAMILIES: readonly (readonly [family: string, pattern: RegExp])[] = [
  // Before gpt, which is part of its name.
  ['cerebras', /cerebras/],
  ['claude', /claude/],
  ['gemini', /gemini|gemma|palm|bard/],
  ['gpt', /gpt|davinci|\bo[134](-|$)/],
  ['mistral', /mistral|mixtral|zephyr/],
  ['llama', /llama|alpaca|vicuna|tulu|self-taught/],
  ['qwen', /qwen|qwq/],
  ['deepseek', /deepseek/],
  ['phi', /\bphi-?\d/],
  ['falcon', /falcon/],
  ['bloom', /bloom/],
  ['opt', /\bopt-/],
  ['pythia', /pythia/],
  ['command', /command-r/],
  ['micro', /^micro-/],
];

/** The family of a model, or null where its name tells none. Names are compared without regard to case. */
export function modelFamily(model: string): string | null {
  const name = model.toLowerCase();
  const found = FAMILIES.map(([family, pattern]) => ({ family, at: name.search(pattern) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  return found[0]?.family ?? null;
}
