// Charts as PNG, for places that show no SVG.

/** Pixels for one unit of the drawing: sharp on screens of twice the density. */
const SCALE = 2;

/**
 * Draws an SVG of this program's own on white.
 * @returns the bytes of a PNG, twice as many pixels as the drawing has units
 */
export async function pngOf(svg: string): Promise<Uint8Array> {
  // Loaded on demand: most runs never need it.
  const { Resvg } = await import('@resvg/resvg-js');
  return new Resvg(svg, { background: 'white', fitTo: { mode: 'zoom', value: SCALE } }).render().asPng();
}
