// Trainer configurations as templates: text with placeholders, filled in for one job.
import { ConfigError } from '../../core/errors.js';

/** What placeholders stand for; undefined: known, but this job has none. */
export type TemplateValues = Readonly<Record<string, string | number | undefined>>;

const NAME = '(?:values\\.)?[A-Za-z][A-Za-z0-9]*';
const SECTION = new RegExp(`\\{\\{([#^])(${NAME})\\}\\}([\\s\\S]*?)\\{\\{/\\2\\}\\}`, 'g');
/** The bound of a section that has a line to itself; the line goes with it. */
const OWN_LINE = new RegExp(`^[ \\t]*(\\{\\{[#^/]${NAME}\\}\\})[ \\t]*\\r?\\n`, 'gm');
const PLACEHOLDER = new RegExp(`\\{\\{(${NAME})(?::(json|shell))?(?:\\|([^{}]*))?\\}\\}`, 'g');
/** Whatever is in double braces and was not understood. */
const LEFT_OVER = /\{\{[^{}\n]{0,60}(?:\}\})?/;

/**
 * Fills a template in.
 *
 * `{{name}}` is the value as it is, `{{name:json}}` as a JSON string or number, which is also one of YAML and of Python, and
 * `{{name:shell}}` as one word of a shell. `{{name|2e-6}}` stands for 2e-6 where the job has no such value, and `{{values.name}}` for
 * what the experiment adds under that name. What is between
 * `{{#name}}` and `{{/name}}` stays only where there is a value, between `{{^name}}` and `{{/name}}` only where there is none;
 * sections are not nested.
 * @param options.subject names the template in errors
 * @throws ConfigError for a placeholder that is unknown, has no value, or whose value would break its line
 */
export function renderTemplate(
  template: string,
  { values, subject }: { values: TemplateValues; subject: string },
): string {
  const problems: string[] = [];
  const isKnown = (name: string): boolean => {
    // What an experiment adds, it may leave out.
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
  if (leftOver !== null) problems.push(`${leftOver[0]} is no placeholder`);
  const text = sectioned.replace(PLACEHOLDER, (...[, name = '', form, fallback]: (string | undefined)[]) => {
    if (!isKnown(name)) return '';
    const value = values[name];
    if (value === undefined && fallback === undefined) {
      problems.push(`{{${name}}} has no value in this job; give one as {{${name}|value}}`);
      return '';
    }
    if (value === undefined) return fallback ?? '';
    if (typeof value === 'number') return numeral(value);
    if (form === 'json') return JSON.stringify(value);
    if (form === 'shell') return shellWord(value);
    if (/[\p{Cc}\u2028\u2029]/u.test(value))
      problems.push(`{{${name}}} holds a line end or another control character`);
    return value;
  });
  if (problems.length === 0) return text;
  throw new ConfigError({
    subject,
    expected: `placeholders out of ${Object.keys(values).join(', ')}`,
    received: [...new Set(problems)].join('; '),
    remedy: 'Mend the template.',
  });
}

/** A number as all readers take it for one: to YAML 1.1, which Python's trainers read, `1e-7` is a text and `1.0e-7` a number. */
function numeral(value: number): string {
  return String(value).replace(/^(-?\d+)e/, '$1.0e');
}

/** A text as one word of a POSIX shell. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * `trainingFile` as `AUTODIDACT_TRAINING_FILE`: the environment in which a trainer's command runs. What the job has not is undefined, so
 * that nothing of an outer job's environment stands in for it.
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
