// Charts as SVG, drawn without a browser.
import type { TopLevelSpec } from 'vega-lite';
import { drawableSpec } from './drawable-spec.js';
import { loadVega } from './vega.js';

/**
 * Draws a vega-lite specification.
 * @returns the SVG; it refers to nothing outside itself unless the specification does
 */
export async function svgOf(spec: TopLevelSpec): Promise<string> {
  const { vega, vegaLite } = await loadVega();
  const compiled = vegaLite.compile(drawableSpec(spec));
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}
