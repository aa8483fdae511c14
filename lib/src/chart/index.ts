// Charts: a vega-lite specification becomes an SVG, a PNG, or the specification that a notebook keeps.
export * from './cell-spec.js';
export * from './drawable-spec.js';
export * from './page-svg.js';
export * from './png.js';
export * from './svg.js';
export * from './text-width.js';
