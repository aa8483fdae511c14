// Charts as SVG, drawn without a browser.
import type { TopLevelSpec } from 'vega-lite';

/** Draws a vega-lite specification. */
export async function svgOf(spec: TopLevelSpec): Promise<string> {
  // Loaded on demand: they take longer to load than everything else together.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const compiled = vegaLite.compile(spec);
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}
