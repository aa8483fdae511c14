// What becomes of a response to which a surface feature is given: of a planted shortcut, or of a probe.

/**
 * The response as the text of a feature has it.
 * @param text `{{response}}` in it is the response, which a text without it replaces; `{{label}}` is the letter under which the response is shown
 * @param shown.label absent: `{{label}}` stays as it is
 */
export function withFeatureText(
  text: string,
  { response, label }: { response: string; label?: 'A' | 'B' },
): string {
  return text.replace(/\{\{(response|label)\}\}/g, (whole, name) =>
    name === 'response' ? response : (label ?? whole),
  );
}

/** Whether the text of a feature keeps the response. */
export function asksForResponse(text: string): boolean {
  return text.includes('{{response}}');
}
