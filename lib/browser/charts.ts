// Runs in report pages: folds and unfolds their sections, and replaces the drawings of charts by interactive ones when they come into view.
import './fold.js';
import embed, { type VisualizationSpec } from 'vega-embed';

/** Draws one chart; the drawing that stands there stays where that fails. */
async function enliven(figure: HTMLElement): Promise<void> {
  const drawing = figure.querySelector<HTMLElement>('.drawing');
  const specification = figure.querySelector('script[type="application/json"]')?.textContent;
  if (!drawing || specification == null) return;
  const [controls, place] = [document.createElement('div'), document.createElement('div')];
  try {
    await embed(place, JSON.parse(specification) as VisualizationSpec, {
      mode: 'vega-lite',
      // Above the chart, which may be long.
      bind: controls,
      renderer: 'svg',
      // Expressions are interpreted, so that the page's policy need not allow eval.
      ast: true,
      actions: { export: true, source: false, compiled: false, editor: false },
      // The style sheet of the page holds for both themes; drawings take their colours from it.
      defaultStyle: true,
      tooltip: { theme: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light' },
    });
    drawing.replaceChildren(controls, place);
    // From here on it holds a menu too: the chart alone is the image, by one name in place of one for each mark.
    place.querySelector('summary')?.setAttribute('aria-label', 'Save this chart');
    const chart = place.querySelector('svg');
    for (const mark of chart?.children ?? []) mark.setAttribute('aria-hidden', 'true');
    for (const name of ['role', 'aria-label']) {
      chart?.setAttribute(name, drawing.getAttribute(name) ?? '');
      drawing.removeAttribute(name);
    }
  } catch (thrown) {
    console.error(figure.id, thrown);
  }
}

const observer = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      void enliven(target as HTMLElement);
    }
  },
  { rootMargin: '200px' },
);
for (const figure of document.querySelectorAll('figure.chart')) observer.observe(figure);
