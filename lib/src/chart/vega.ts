// Vega and vega-lite, loaded on demand: they take longer to load than everything else together. They also await at their top level, so that
// a notebook's cell could not load this package if it imported them directly.
import { textWidth } from './text-width.js';

/** A text mark, as Vega measures it; sizes in pixels. */
interface TextMark {
  fontSize?: number;
  /** 0 or absent: none. */
  limit?: number;
}

/** The measurement of texts, which Vega's types leave out. */
interface TextMetrics {
  width: (mark: TextMark, line: string | number | null | undefined) => number;
}

/** Vega, which measures texts as this package does, and vega-lite. */
export async function loadVega(): Promise<{
  vega: typeof import('vega');
  vegaLite: typeof import('vega-lite');
}> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  (vega as unknown as { textMetrics: TextMetrics }).textMetrics.width = markWidth;
  return { vega, vegaLite };
}

function markWidth({ fontSize = 11, limit = 0 }: TextMark, line: string | number | null | undefined): number {
  const width = textWidth(String(line ?? '').trim(), fontSize);
  return limit > 0 ? Math.min(limit, width) : width;
}
