// Charts as PNG, for readers that show no SVG. The letters come from a font of this package, so that every machine draws the same.
import { fileURLToPath } from 'node:url';
import { encodePng } from './encode-png.js';

const FONTS = ['LiberationSans-Regular.ttf', 'LiberationSans-Bold.ttf'].map((name) =>
  fileURLToPath(new URL(`../../assets/fonts/${name}`, import.meta.url)),
);
const FAMILY = 'Liberation Sans';
/** Dots per unit of the SVG: sharp on screens of twice the usual density. */
const SCALE = 2;

/** A picture, with the size at which it is to be shown. */
export interface Png {
  bytes: Uint8Array;
  /** In units of the SVG, half the dots. */
  width: number;
  height: number;
}

/** Draws an SVG on white. Letters that the font lacks (it has Latin, Greek and Cyrillic) are left out. */
export async function pngOf(svg: string): Promise<Png> {
  const { Resvg } = await import('@resvg/resvg-js');
  const drawn = new Resvg(svg, {
    background: 'white',
    fitTo: { mode: 'zoom', value: SCALE },
    font: {
      loadSystemFonts: false,
      fontFiles: FONTS,
      defaultFontFamily: FAMILY,
      sansSerifFamily: FAMILY,
    },
  }).render();
  const { width, height } = drawn;
  const bytes = await encodePng(drawn.pixels, { width, height });
  return { bytes, width: width / SCALE, height: height / SCALE };
}
