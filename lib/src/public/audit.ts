// `autodidact/audit`: overlap of training texts with benchmarks.
export {
  auditOverlap,
  type OverlapOptions,
  overlapSchema,
  type OverlapWaiver,
  textOfInstruction,
  textsOfItem,
  textsOfPair,
} from '../audit/index.js';
