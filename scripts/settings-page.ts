// The page docs/settings.md: every setting of an experiment file, from its JSON Schema.

/** The parts of JSON Schema that experiment files use. */
interface Schema {
  type?: string | string[];
  description?: string;
  examples?: unknown[];
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** A setting. */
interface Row {
  /** With dots; `<name>` stands for a name of one's own, `[]` for each item of a list. */
  path: string;
  schema: Schema;
  isRequired: boolean;
}

/** Settings under one heading. */
interface Group {
  heading: string;
  description: string;
  rows: Row[];
}

const INTRODUCTION = `# Settings

Every setting of an experiment file, which is a YAML file such as [experiments/quickstart.yaml](../experiments/quickstart.yaml).
\`npm run schema\` writes this page from the schema that checks the files. Editors show the same texts when the file begins with

\`\`\`yaml
# yaml-language-server: $schema=./experiment.schema.json
\`\`\`

- Without a default, a setting is off when it is absent, or its description says what happens. Unknown keys are errors.
- Relative paths start at the folder of the experiment file.
- \`--set judge.samples=5\` on the command line replaces a value, \`--set evaluate.vote=\` removes it.
- Below, \`<name>\` stands for a name of your own, and \`[]\` for each item of a list.
`;

const HEADER = '| setting | value | default | meaning | example |\n| --- | --- | --- | --- | --- |';

/** @param root what `experimentJsonSchema()` gives @returns the page as Markdown */
export function settingsPage(root: Schema): string {
  const rows = innerRows(root).map((row) => ({ ...row, path: row.path.slice(1) }));
  const single = rows.filter(({ schema }) => !isSection(schema));
  const groups = [
    { heading: '## Experiment', description: 'What is run.', rows: single },
    ...rows.filter(({ schema }) => isSection(schema)).flatMap((row) => groupsOf(row, shortestPaths(root))),
  ];
  const contents = rows.map(({ path }) => `[${path}](#${path})`).join(' · ');
  const used = new Set<string>();
  return `${[INTRODUCTION + '\n' + contents, ...groups.map((group) => groupText(group, used))].join('\n\n')}\n`;
}

function isSection({ properties, oneOf, additionalProperties }: Schema): boolean {
  return properties !== undefined || oneOf !== undefined || typeof additionalProperties === 'object';
}

/** Variants that stand in several places, by the shortest path to them, where they are written out. */
function shortestPaths(root: Schema): Map<string, string> {
  const places = new Map<string, string>();
  const visit = (schema: Schema, path: string): void => {
    const variants = JSON.stringify(schema.oneOf);
    if (schema.oneOf && (places.get(variants)?.length ?? Infinity) > path.length) places.set(variants, path);
    for (const row of innerRows(schema)) visit(row.schema, path + row.path);
  };
  visit({ properties: root.properties ?? {} }, '');
  return new Map([...places].map(([variants, path]) => [variants, path.slice(1)]));
}

/** A section, and a further group for each of the variants in it. */
function groupsOf(top: Row, places: ReadonlyMap<string, string>): Group[] {
  const required = top.isRequired ? ' Required.' : '';
  const own = {
    heading: `## ${top.path}`,
    description: `${top.schema.description ?? ''}${required}`,
    rows: [],
  };
  const variants: Group[] = [];
  const add = (row: Row, group: Group): void => {
    const { path, schema } = row;
    const place = schema.oneOf ? places.get(JSON.stringify(schema.oneOf)) : undefined;
    if (place !== undefined && place !== path) {
      const description = `${schema.description ?? ''} See [${place}](#${anchor(place)}).`;
      group.rows.push({ ...row, schema: { type: 'object', description } });
      return;
    }
    if (row !== top) group.rows.push(row);
    for (const variant of schema.oneOf ?? []) addVariant(path, variant);
    for (const inner of innerRows(schema)) add({ ...inner, path: path + inner.path }, group);
  };
  const addVariant = (path: string, variant: Schema): void => {
    const chosenBy = innerRows(variant).find(({ schema }) => schema.const !== undefined);
    const heading = `### ${path}: ${chosenBy?.path.slice(1) ?? ''} ${String(chosenBy?.schema.const)}`;
    const group = { heading, description: chosenBy?.schema.description ?? '', rows: [] };
    variants.push(group);
    for (const inner of innerRows(variant)) add({ ...inner, path: path + inner.path }, group);
  };
  add(top, own);
  return [own, ...variants];
}

/** What stands right inside a setting, by the end of its path. */
function innerRows(schema: Schema): Row[] {
  const { properties = {}, required = [], items, additionalProperties, anyOf = [] } = schema;
  const behind = (step: string, rows: Row[]): Row[] => rows.map((row) => ({ ...row, path: step + row.path }));
  return [
    ...Object.entries(properties).map(([key, inner]) => ({
      path: `.${key}`,
      schema: inner,
      isRequired: required.includes(key),
    })),
    ...(typeof additionalProperties === 'object' ? behind('.<name>', innerRows(additionalProperties)) : []),
    ...(items ? behind('[]', items.oneOf ? keysOfVariants(items.oneOf) : innerRows(items)) : []),
    // One section, or a list of them: its keys once.
    ...anyOf
      .flatMap(innerRows)
      .filter(({ path }, i, all) => all.findIndex((row) => unlisted(row.path) === unlisted(path)) === i),
  ];
}

function unlisted(path: string): string {
  return path.replaceAll('[]', '');
}

/** Each key of the variants of an item once; the one that chooses among them lists what they are. */
function keysOfVariants(variants: readonly Schema[]): Row[] {
  const rows = variants.flatMap(innerRows);
  const kinds = rows.map(({ schema }) => schema).filter((schema) => schema.const !== undefined);
  const chooser: Schema = {
    description: kinds.map((kind) => `${String(kind.const)}: ${kind.description ?? ''}`).join(' '),
    enum: kinds.map((kind) => kind.const),
  };
  return rows
    .filter(({ path }, i) => rows.findIndex((row) => row.path === path) === i)
    .map((row) => (row.schema.const === undefined ? row : { ...row, schema: chooser }));
}

function groupText({ heading, description, rows }: Group, used: Set<string>): string {
  const section = heading.replace(/^#+ /, '').split(/[.:]/)[0] ?? '';
  const table = [HEADER, ...rows.map((row) => rowText(row, { section, used }))].join('\n');
  return `${heading}\n\n${escaped(description)}${rows.length === 0 ? '' : `\n\n${table}`}`;
}

/** @param place.used anchors of the page; a setting of several variants has one for the first of them */
function rowText(
  { path, schema, isRequired }: Row,
  { section, used }: { section: string; used: Set<string> },
): string {
  const id = anchor(path);
  const mark = used.has(id) || id === section ? '' : `<a id="${id}"></a>`;
  used.add(id);
  const shown = path.startsWith(`${section}.`) ? path.slice(section.length + 1) : path;
  const isListed = schema.enum !== undefined || schema.const !== undefined || schema.type === 'boolean';
  const cells = [
    `${mark}\`${shown}\``,
    typeOf(schema),
    isRequired ? 'required' : defaultOf(schema),
    escaped(schema.description ?? ''),
    isListed ? '' : (schema.examples ?? []).map(code).join('<br>'),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}

function escaped(text: string): string {
  return text
    .replace(/</g, '&lt;')
    .replace(/\*/g, String.raw`\*`)
    .replace(/`\\\*`/g, '`*`');
}

function anchor(path: string): string {
  return path.replace(/[^\w.-]/g, '');
}

function defaultOf({ default: value }: Schema): string {
  const isLeaf = value !== undefined && (typeof value !== 'object' || Array.isArray(value));
  return isLeaf ? code(value) : '';
}

/** A value as one writes it in YAML. */
function code(value: unknown): string {
  return `\`${inYaml(value)}\``;
}

function inYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inYaml).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${key}: ${inYaml(inner)}`);
    return `{ ${entries.join(', ')} }`;
  }
  const isPlain = typeof value === 'string' && /^\.?[A-Za-z/][\w ./<>=()-]*$/.test(value);
  return isPlain ? value : JSON.stringify(value);
}

function typeOf(schema: Schema): string {
  const { type, items = {}, anyOf, oneOf, additionalProperties } = schema;
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (oneOf) return 'section';
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(' or ');
  if (Array.isArray(type)) return type.join(' or ');
  switch (type) {
    case 'integer':
    case 'number':
      return type + boundsOf(schema);
    case 'boolean':
      return '`true`, `false`';
    case 'array':
      return `list of ${typeOf(items).replace(/(?<=^| or )(string|section|number|integer|boolean|mapping)/g, '$1s')}`;
    case 'object':
      return typeof additionalProperties === 'object' ? 'mapping' : 'section';
    case undefined:
      return 'any value';
    default:
      return type;
  }
}

function boundsOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const isBound = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  const number = (value: number): string => value.toLocaleString('en-US');
  if (isBound(minimum) && isBound(maximum)) return `, ${number(minimum)} to ${number(maximum)}`;
  const parts = [
    ...(isBound(minimum) ? [`${number(minimum)} or more`] : []),
    ...(exclusiveMinimum === undefined ? [] : [`above ${number(exclusiveMinimum)}`]),
    ...(isBound(maximum) ? [`at most ${number(maximum)}`] : []),
    ...(exclusiveMaximum === undefined ? [] : [`below ${number(exclusiveMaximum)}`]),
  ];
  return parts.map((part) => `, ${part}`).join('');
}
