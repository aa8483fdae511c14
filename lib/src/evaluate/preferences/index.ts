// The use of a judge: pairs without a known winner, what it prefers, and how far that can be believed.
export * from './confidence.js';
export * from './preference-of.js';
export * from './preferences-csv.js';
export * from './read-pairs.js';
