// Charts as SVG, drawn without a browser.
import type { TopLevelSpec } from 'vega-lite';

/**
 * Draws a vega-lite specification.
 * @returns the SVG; it refers to nothing outside itself unless the specification does
 */
export async function svgOf(spec: TopLevelSpec): Promise<string> {
  // Loaded on demand: they take longer to load than everything else together. They also await at their top level, so that a
  // notebook's cell could not load this package if it imported them directly.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const compiled = vegaLite.compile(spec);
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}
