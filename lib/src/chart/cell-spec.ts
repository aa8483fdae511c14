// A vega-lite specification as a notebook keeps it: with the data that the chart uses, and no more digits than a reader can see.
import { drawableSpec } from './drawable-spec.js';
import type { TopLevelSpec } from 'vega-lite';

/**
 * The MIME type of charts. JupyterLab 4 and VS Code draw it with vega-lite 5 and know no later type; nbconvert and GitHub do not know it
 * and take the picture beside it.
 */
export const VEGA_LITE_MIME_TYPE = 'application/vnd.vegalite.v5+json';

/** The MIME type of drawings for this package's own pages: every reader that knows `image/svg+xml` prefers it, and nbconvert empties it. */
export const SVG_MIME_TYPE = 'application/vnd.autodidact.svg';

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v5.json';
/** Significant digits of a fraction below 1,000; above, three decimals are kept. */
const DIGITS = 6;
const PADDING_PX = 8;

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type JsonObject = Record<string, Json>;

/**
 * The specification as it is kept in a cell: of the rows that it includes, fields to which nothing refers are dropped, and fractions are
 * rounded to six digits. Every mark has a tooltip; charts with two continuous axes, and no parameters of their own, can be zoomed.
 */
export function cellSpec(spec: TopLevelSpec): JsonObject {
  const whole = JSON.parse(JSON.stringify(drawableSpec(spec))) as JsonObject;
  const withoutRows = JSON.stringify(mapRows(whole, () => null));
  const words = new Set(wordsOf(withoutRows));
  const keepsAll = withoutRows.includes('"content":"data"');
  const isUsed = (field: string): boolean =>
    keepsAll || wordsOf(JSON.stringify(field)).every((word) => words.has(word));
  const slim = mapRows(whole, (row) => rounded(isObject(row) ? pick(row, isUsed) : row));
  return withTooltips({ ...(zoomable(slim) as JsonObject), $schema: SCHEMA });
}

/** Marks without a tooltip of their own show what their channels show. */
function withTooltips(spec: JsonObject): JsonObject {
  const config = isObject(spec.config ?? null) ? (spec.config as JsonObject) : {};
  const mark = isObject(config.mark ?? null) ? (config.mark as JsonObject) : {};
  return { ...spec, config: { ...config, mark: { tooltip: true, ...mark } } };
}

/** Replaces every row of included data. */
function mapRows(value: Json, replace: (row: Json) => Json): Json {
  if (Array.isArray(value)) return value.map((each) => mapRows(each, replace));
  if (!isObject(value)) return value;
  const rows = (inner: Json): Json => (Array.isArray(inner) ? inner.map(replace) : inner);
  return mapObject(value, (inner, key) => {
    if (key === 'data' && isObject(inner) && 'values' in inner) {
      return { ...inner, values: rows(inner.values ?? null) };
    }
    if (key === 'datasets' && isObject(inner)) return mapObject(inner, rows);
    return mapRows(inner, replace);
  });
}

/** The words of a text, of which names of fields consist wherever they occur: in channels, in expressions and in paths. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_$]+/gu) ?? [];
}

function rounded(value: Json): Json {
  if (Array.isArray(value)) return value.map(rounded);
  if (isObject(value)) return mapObject(value, rounded);
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number(Math.abs(value) < 1000 ? value.toPrecision(DIGITS) : value.toFixed(3));
}

/**
 * The chart, or the panel of a facet, with a parameter that zooms: dragging moves, the wheel with Ctrl or two fingers zooms, a double
 * click resets. The wheel alone scrolls the notebook.
 */
function zoomable(spec: Json): Json {
  if (!isObject(spec) || 'params' in spec) return spec;
  if (isObject(spec.spec ?? null)) return { ...spec, spec: zoomable(spec.spec ?? null) };
  if (Array.isArray(spec.layer)) {
    const at = spec.layer.findIndex(isContinuous);
    if (at < 0 || spec.layer.some((layer) => isObject(layer) && 'params' in layer)) return spec;
    return { ...spec, layer: spec.layer.map((layer, i) => (i === at ? withZoom(layer) : layer)) };
  }
  return isContinuous(spec) ? withZoom(spec) : spec;
}

/** Zoomed charts are clipped at their axes; padding keeps points at the ends of an axis whole. */
function withZoom(layer: Json): Json {
  const select = { type: 'interval', zoom: 'wheel![event.ctrlKey]' };
  const { encoding, ...rest } = layer as JsonObject;
  const padded = (channel: JsonObject): JsonObject => {
    const { scale = {} } = channel;
    return isObject(scale) ? { ...channel, scale: { padding: PADDING_PX, ...scale } } : channel;
  };
  return {
    ...rest,
    encoding: mapObject(encoding as JsonObject, (channel, name) =>
      (name === 'x' || name === 'y') && isObject(channel) ? padded(channel) : channel,
    ),
    params: [{ name: 'zoom', select, bind: 'scales' }],
  };
}

/** Whether both axes of a layer are continuous, and none is cut into bins or aggregated. */
function isContinuous(spec: Json): boolean {
  const encoding = isObject(spec) ? spec.encoding : undefined;
  if (!isObject(encoding ?? null)) return false;
  return ['x', 'y'].every((name) => {
    const channel = (encoding as JsonObject)[name] ?? null;
    return (
      isObject(channel) &&
      (channel.type === 'quantitative' || channel.type === 'temporal') &&
      'field' in channel &&
      !('bin' in channel) &&
      !('aggregate' in channel)
    );
  });
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapObject(value: JsonObject, replace: (inner: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replace(inner, key)]));
}

function pick(row: JsonObject, isUsed: (field: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(row).filter(([field]) => isUsed(field)));
}
