// Languages by name or code, so that `en`, `eng`, `en-US` and `English` are one.

const NAMES = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
/** A code of ISO 639, with a region or script after it (BCP 47). */
const CODE = /^([a-z]{2,3})([-_][a-z0-9]{2,8})*$/i;

/**
 * The lower-case English name of a language that is given by its name or code; of a code with a region, such as `pt-BR`, the code.
 * @param part `base`: the name of the language whatever the region
 */
export function languageOf(given: string, part: 'whole' | 'base' = 'whole'): string {
  const text = given.trim().toLowerCase().replaceAll('_', '-');
  const [, code] = CODE.exec(text) ?? [];
  if (code === undefined || (part === 'whole' && code !== text)) return text;
  return NAMES.of(code)?.toLowerCase() ?? text;
}
