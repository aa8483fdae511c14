// Charts of unknown origin as SVG for a page that is light or dark: nothing is loaded, and no code is generated from the specification.
import type { TopLevelSpec } from 'vega-lite';
import { loadVega } from './vega.js';

/** A bar or a cell; their colours and those of the legend stay equal. */
const CELL = '.mark-rect.role-mark > path:not([aria-roledescription="tick"])';
/** For dark pages: texts, axes and lines that are legible there. Texts in marks keep their colours, since they may stand on a cell. */
const DARK = `<style>@media screen and (prefers-color-scheme: dark) {
  :not(.role-mark) > text { fill: #e4e8ec }
  .role-axis-grid line, path.background[stroke] { stroke: #373e47 }
  .role-axis-domain line, .role-axis-tick line { stroke: #a3adb8 }
  svg:not(:has(${CELL})) .role-mark > text[fill="black"] { fill: #e4e8ec }
  svg:not(:has(${CELL})) :is(.mark-line, .mark-rule, .mark-symbol, .mark-rect) { filter: brightness(1.35) }
}</style>`;

/** An SVG with its size in CSS pixels. */
export interface PageSvg {
  svg: string;
  width: number;
  height: number;
}

/**
 * Draws a specification. A chart without a background, or with a white one, is transparent and follows the colour scheme of the reader.
 * @throws Error for something that is not a specification, or one that refers to files or addresses
 */
export async function pageSvgOf(spec: TopLevelSpec): Promise<PageSvg> {
  const { vega, vegaLite } = await loadVega();
  const { expressionInterpreter } = await import('vega-interpreter');
  const wanted: string[] = [];
  const refuse = (uri: string): Promise<never> => {
    wanted.push(uri);
    return Promise.reject(new Error(`${uri}: expected a chart that loads nothing`));
  };
  const logger = vega.logger(vega.None);
  const isPlain = spec.background === undefined || spec.background === 'white';
  const compiled = vegaLite.compile(isPlain ? { ...spec, background: 'transparent' } : spec, { logger });
  const view = new vega.View(vega.parse(compiled.spec, {}, { ast: true }), {
    renderer: 'none',
    expr: expressionInterpreter,
    loader: { load: refuse, sanitize: refuse, http: refuse, file: refuse },
    logger,
  });
  const svg = await view.toSVG();
  view.finalize();
  if (wanted.length > 0) await refuse(wanted[0] ?? '');
  const [, width, height] = /^<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  return {
    svg: isPlain ? svg.replace(/^<svg[^>]*>/, `$&${DARK}`) : svg,
    width: Number(width),
    height: Number(height),
  };
}
