// Shows charts in a cell: as SVG, and as PNG for readers without SVG, such as GitHub.
import type { TopLevelSpec } from 'vega-lite';
import { pngOf, svgOf } from '../../chart/index.js';
import { show } from './cell-display.js';

/**
 * Shows a vega-lite specification. Neither it nor its rows are kept in the notebook: the pictures are enough, and smaller.
 * @param title alternative text of the chart; default: the title of the specification
 * @example await showChart({ data: { values: [{ x: 1 }] }, mark: 'bar', encoding: { x: { field: 'x' } } });
 */
export async function showChart(spec: TopLevelSpec, options: { title?: string } = {}): Promise<void> {
  await showSvg(await svgOf(spec), { title: options.title ?? titleOf(spec) });
}

/**
 * Shows a chart that is drawn already, such as the method diagram.
 * @example await showSvg(methodDiagram(), { title: 'The loop' });
 */
export async function showSvg(svg: string, { title }: { title: string }): Promise<void> {
  const png = await pngOf(svg);
  show({
    data: {
      'image/svg+xml': svg,
      'image/png': Buffer.from(png.bytes).toString('base64'),
      'text/plain': `[chart: ${title}]`,
    },
    metadata: { 'image/png': { width: png.width, height: png.height } },
  });
}

function titleOf({ title }: TopLevelSpec): string {
  const text = typeof title === 'object' && 'text' in title ? title.text : title;
  if (typeof text === 'string') return text;
  return Array.isArray(text) ? text.join(' ') : 'untitled';
}
