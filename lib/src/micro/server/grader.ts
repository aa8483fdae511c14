// The graders of the method "reinforcement" that need no other model and run no code: `string_check`, and a `multi` of such.
// Reference: https://platform.openai.com/docs/guides/graders
import { z } from 'zod';
import { calculate, namesIn } from './grader-formula.js';

/** The templates that a grader may hold: `{{sample.output_text}}` and `{{item.<field of the row>}}`. */
const TEMPLATE = /\{\{\s*([^{}]*?)\s*\}\}/g;
const OUTPUT = 'sample.output_text';
const ITEM = /^item\.([A-Za-z_]\w*)$/;

const template = z.string().superRefine((text, context) => {
  for (const [whole, name = ''] of text.matchAll(TEMPLATE)) {
    if (name === OUTPUT || ITEM.test(name)) continue;
    const message = `expected {{${OUTPUT}}} or {{item.<field>}}, received ${whole}`;
    context.addIssue({ code: 'custom', message });
  }
});

const stringCheck = z.strictObject({
  type: z.literal('string_check'),
  name: z.string(),
  input: template,
  reference: template,
  operation: z.enum(['eq', 'ne', 'like', 'ilike']),
});

const multi = z
  .strictObject({
    type: z.literal('multi'),
    name: z.string(),
    graders: z.record(
      z.string().regex(/^[A-Za-z_]\w*$/, 'expected a name of letters, digits and underscores'),
      stringCheck,
    ),
    calculate_output: z.string().max(1000),
  })
  .superRefine(({ graders, calculate_output: formula }, context) => {
    const refuse = (message: string): void => {
      context.addIssue({ code: 'custom', path: ['calculate_output'], message });
    };
    const { names, problem } = namesIn(formula);
    if (problem !== null) refuse(problem);
    const unknown = names.find((name) => !Object.hasOwn(graders, name));
    if (unknown !== undefined)
      refuse(`expected the names of its graders, ${Object.keys(graders).join(', ')}; received ${unknown}`);
  });

/** A grader of a job. DEVIATION from the OpenAI API, whose graders may also run Python or ask a model. */
export const graderSchema = z.discriminatedUnion('type', [stringCheck, multi], {
  error: 'expected a grader of type "string_check", or "multi" of such',
});
/** A grader of a job. */
export type Grader = z.output<typeof graderSchema>;

/** A row of a training file: what `{{item.<field>}}` stands for. */
export type GraderItem = Readonly<Record<string, unknown>>;

/** The fields of a row that a grader asks for. */
export function fieldsOf(grader: Grader): string[] {
  const parts = grader.type === 'multi' ? Object.values(grader.graders) : [grader];
  const names = parts.flatMap(({ input, reference }) =>
    [...`${input}\n${reference}`.matchAll(TEMPLATE)].flatMap(([, name = '']) => ITEM.exec(name)?.[1] ?? []),
  );
  return [...new Set(names)];
}

/** The reward of a completion. A row without a field that the grader asks for is graded as if it were empty. */
export function gradeText(grader: Grader, item: GraderItem, output: string): number {
  if (grader.type === 'string_check') return check(grader, item, output);
  const scores = new Map(
    Object.entries(grader.graders).map(([name, part]) => [name, check(part, item, output)]),
  );
  return calculate(grader.calculate_output, scores);
}

function check(
  { input, reference, operation }: z.output<typeof stringCheck>,
  item: GraderItem,
  output: string,
): number {
  const filled = (text: string): string =>
    text.replace(TEMPLATE, (_whole, name: string) => {
      if (name === OUTPUT) return output;
      const value = item[ITEM.exec(name)?.[1] ?? ''];
      return typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value);
    });
  const [found, wanted] = [filled(input), filled(reference)];
  switch (operation) {
    case 'eq':
      return Number(found === wanted);
    case 'ne':
      return Number(found !== wanted);
    case 'like':
      return Number(found.includes(wanted));
    case 'ilike':
      return Number(found.toLowerCase().includes(wanted.toLowerCase()));
  }
}
