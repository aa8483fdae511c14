// Charts: a vega-lite specification becomes an SVG or a PNG.
export * from './png.js';
export * from './svg.js';
