// `autodidact/datasets`: benchmarks and instruction pools: the registry, downloads into a cache, and reading of rows.
export * from '../datasets/index.js';
