// Writing of preference pairs.
export * from './generate-pairs.js';
