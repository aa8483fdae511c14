// Trainer configurations as templates: text with placeholders, filled in for one job.
import { quotedWord } from '../../core/shell-word.js';
import { ConfigError } from '../../core/errors.js';

/** Values by the names of placeholders; undefined: the name is known, but this job has no value. */
export type TemplateValues = Readonly<Record<string, string | number | undefined>>;

const NAME = '(?:values\\.)?[A-Za-z][A-Za-z0-9]*';
const SECTION = new RegExp(`\\{\\{([#^])(${NAME})\\}\\}([\\s\\S]*?)\\{\\{/\\2\\}\\}`, 'g');
/** A line that only begins or ends a section; it is removed as a whole. */
const OWN_LINE = new RegExp(`^[ \\t]*(\\{\\{[#^/]${NAME}\\}\\})[ \\t]*\\r?\\n`, 'gm');
const PLACEHOLDER = new RegExp(`\\{\\{(${NAME})(?::(json|shell))?(?:\\|([^{}]*))?\\}\\}`, 'g');
/** Double braces that are neither a section nor a placeholder. */
const LEFT_OVER = /\{\{[^{}\n]{0,60}(?:\}\})?/;

/**
 * Fills a template in.
 *
 * `{{name}}` is the value as it is, `{{name:json}}` as a JSON string or number, which is also one of YAML and of Python, and
 * `{{name:shell}}` as one word of a shell. `{{name|2e-6}}` is 2e-6 if the job has no such value. `{{values.name}}` is a value of the
 * experiment. A section `{{#name}}…{{/name}}` is kept only if there is a value, `{{^name}}…{{/name}}` only if there is none. Sections
 * are not nested.
 * @param options.subject names the template in errors
 * @param options.needed the settings that give a value, by name, for errors
 * @throws ConfigError for a placeholder that is unknown, has no value, or whose value would break its line
 */
export function renderTemplate(
  template: string,
  {
    values,
    subject,
    needed = {},
  }: { values: TemplateValues; subject: string; needed?: Readonly<Record<string, string>> },
): string {
  const problems: string[] = [];
  const isKnown = (name: string): boolean => {
    // An experiment may leave out its own values.
    if (Object.hasOwn(values, name) || name.startsWith('values.')) return true;
    problems.push(`{{${name}}} is unknown`);
    return false;
  };
  const sectioned = template
    .replace(OWN_LINE, '$1')
    .replace(SECTION, (...[, kind = '', name = '', content = '']: string[]) =>
      isKnown(name) && (values[name] !== undefined) === (kind === '#') ? content : '',
    );
  const leftOver = LEFT_OVER.exec(sectioned.replace(PLACEHOLDER, ''));
  if (leftOver !== null) problems.push(`${leftOver[0]} is not a placeholder`);
  const text = sectioned.replace(PLACEHOLDER, (...[, name = '', form, fallback]: (string | undefined)[]) => {
    if (!isKnown(name)) return '';
    const value = values[name];
    if (value === undefined && fallback === undefined) {
      const source = needed[name] === undefined ? '' : `set ${needed[name]}, or `;
      problems.push(`{{${name}}} has no value in this job; ${source}give one as {{${name}|value}}`);
      return '';
    }
    if (value === undefined) return fallback ?? '';
    if (typeof value === 'number') return numeral(value);
    if (form === 'json') return JSON.stringify(value);
    if (form === 'shell') return quotedWord(value);
    if (/[\p{Cc}\u2028\u2029]/u.test(value))
      problems.push(`{{${name}}} holds a line end or another control character`);
    return value;
  });
  if (problems.length === 0) return text;
  throw new ConfigError({
    subject,
    expected: `placeholders out of ${Object.keys(values).join(', ')}`,
    received: [...new Set(problems)].join('; '),
    remedy: 'Fix the template.',
  });
}

/** A number in a form that every reader takes for one: in YAML 1.1, which Python's trainers read, `1e-7` is a text. */
function numeral(value: number): string {
  return String(value).replace(/^(-?\d+)e/, '$1.0e');
}

/**
 * The environment of a trainer's command: `trainingFile` as `AUTODIDACT_TRAINING_FILE`. Names without a value are undefined, so that
 * variables of an outer job are not used instead.
 */
export function environmentOf(values: TemplateValues): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      variableOf(name),
      value === undefined ? undefined : String(value),
    ]),
  );
}

function variableOf(name: string): string {
  const words = name.replace(/^values\./, '').replace(/([A-Z])/g, '_$1');
  return `AUTODIDACT_${words.toUpperCase()}`;
}
