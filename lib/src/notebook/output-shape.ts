// The structure of outputs, without their figures: what a reader would call the same table or the same chart.
import { VEGA_LITE_MIME_TYPE } from '../chart/index.js';
import { withoutControls } from '../core/text.js';
import type { MimeBundle, Output } from './notebook-format.js';

/** The structure of one output. */
export interface OutputShape {
  /** E.g. `display of text/html, text/plain`. */
  kind: string;
  /** By name, e.g. the columns of its table. */
  parts: Readonly<Record<string, string>>;
}

/** The structure of each output of a cell. Standard error is left out: Node writes warnings there. */
export function outputShapes(outputs: readonly Output[]): OutputShape[] {
  return outputs
    .filter((output) => output.output_type !== 'stream' || output.name !== 'stderr')
    .map((output) => {
      switch (output.output_type) {
        case 'stream':
          return { kind: 'printed text', parts: {} };
        case 'error':
          return { kind: `error ${output.ename}`, parts: {} };
        case 'display_data':
        case 'execute_result': {
          const what = output.output_type === 'display_data' ? 'display' : 'result';
          return {
            kind: `${what} of ${Object.keys(output.data).sort().join(', ')}`,
            parts: partsOf(output.data),
          };
        }
      }
    });
}

function partsOf(data: MimeBundle): Record<string, string> {
  const parts: Record<string, string> = {};
  const { 'text/html': html, 'text/plain': text } = data;
  const columns = typeof html === 'string' ? columnsOf(html) : [];
  if (columns.length > 0) parts.columns = columns.join(', ');
  const title = typeof text === 'string' ? /^\[chart: (.*)\]$/s.exec(text)?.[1] : undefined;
  if (title !== undefined) parts.title = withoutFigures(title);
  const spec = data[VEGA_LITE_MIME_TYPE];
  if (spec !== undefined) parts['marks and fields'] = marksOf(spec).join('; ');
  return parts;
}

/** The headings of all tables. */
function columnsOf(html: string): string[] {
  const heads = html.match(/<thead\b.*?<\/thead>/gs) ?? [];
  return heads.flatMap((head) =>
    [...head.matchAll(/<th\b[^>]*>(.*?)<\/th>/gs)].map(([, column = '']) => withoutControls(column).trim()),
  );
}

/** Every mark of a chart with its channels, e.g. `line x=iteration y=value`; also its panels and its controls. */
function marksOf(spec: unknown): string[] {
  if (Array.isArray(spec)) return spec.flatMap(marksOf);
  if (!isObject(spec)) return [];
  // Files have their keys in another order than the kernel sends them.
  const entries = Object.entries(spec).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.flatMap(([key, value]) => {
    switch (key) {
      case 'config':
      case 'data':
      case 'datasets':
      case 'encoding':
        return [];
      case 'mark': {
        const name = isObject(value) ? String(value.type) : String(value);
        return [[name, ...channelsOf(spec.encoding)].join(' ')];
      }
      case 'facet':
        return [
          ['panels', ...channelsOf(isObject(value) && 'field' in value ? { facet: value } : value)].join(' '),
        ];
      case 'params':
        return (Array.isArray(value) ? value : []).map(
          (each) => `control ${isObject(each) ? String(each.name) : ''}`,
        );
      default:
        return marksOf(value);
    }
  });
}

function channelsOf(encoding: unknown): string[] {
  if (!isObject(encoding)) return [];
  return Object.entries(encoding)
    .flatMap(([channel, definition]) =>
      [definition]
        .flat()
        .map((each) => [channel, isObject(each) ? (each.field ?? each.aggregate) : undefined]),
    )
    .flatMap(([channel, field]) => (typeof field === 'string' ? [`${String(channel)}=${field}`] : []))
    .sort();
}

function withoutFigures(text: string): string {
  return withoutControls(text).replace(/\d[\d,.]*/g, '#');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
