// Shows charts in a cell: interactive where the reader draws vega-lite, otherwise as PNG. No SVG: nbconvert empties it.
import type { TopLevelSpec } from 'vega-lite';
import { cellSpec, pngOf, SVG_MIME_TYPE, svgOf, VEGA_LITE_MIME_TYPE } from '../../chart/index.js';
import { show } from './cell-display.js';

/** How a chart is shown. */
export interface ShowChartOptions {
  /** Alternative text of the chart; default: the title of the specification. */
  title?: string;
  /** What the picture shows where nothing is interactive; default: the chart itself. */
  still?: TopLevelSpec;
}

/**
 * Shows a vega-lite specification. JupyterLab and VS Code draw it, with tooltips and zoom; GitHub and nbconvert show its picture. The
 * notebook keeps only the fields of its rows that it uses.
 * @example await showChart({ data: { values: [{ x: 1 }] }, mark: 'bar', encoding: { x: { field: 'x' } } });
 */
export async function showChart(
  spec: TopLevelSpec,
  { title = titleOf(spec), still }: ShowChartOptions = {},
): Promise<void> {
  const { data, metadata } = await picture(await svgOf(still ?? spec), title);
  show({
    data: { [VEGA_LITE_MIME_TYPE]: cellSpec(spec), ...data },
    // Pages of notebooks draw it, too.
    metadata: { ...metadata, ...(still ? { [VEGA_LITE_MIME_TYPE]: { still: cellSpec(still) } } : {}) },
  });
}

/**
 * Shows a chart that is drawn already, such as the method diagram: as PNG, and on pages of notebooks as it is.
 * @example await showSvg(methodDiagram(), { title: 'The loop' });
 */
export async function showSvg(svg: string, { title }: { title: string }): Promise<void> {
  const { data, metadata } = await picture(svg, title);
  show({ data: { [SVG_MIME_TYPE]: svg, ...data }, metadata });
}

async function picture(svg: string, title: string): Promise<Required<Parameters<typeof show>[0]>> {
  const { bytes, width, height } = await pngOf(svg);
  return {
    data: { 'image/png': Buffer.from(bytes).toString('base64'), 'text/plain': `[chart: ${title}]` },
    metadata: { 'image/png': { width, height } },
  };
}

function titleOf({ title }: TopLevelSpec): string {
  const text = typeof title === 'object' && 'text' in title ? title.text : title;
  if (typeof text === 'string') return text;
  return Array.isArray(text) ? text.join(' ') : 'untitled';
}
