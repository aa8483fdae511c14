// `autodidact/schema`: the records that runs leave, with the zod schema of each.
export * from '../schema/index.js';
