// `autodidact/audit`: overlap of training texts with benchmarks; a run's judge, or a file of pairs, looked at for shortcuts.
export {
  auditOverlap,
  type OverlapOptions,
  overlapSchema,
  type OverlapWaiver,
  textOfInstruction,
  textsOfItem,
  textsOfPair,
} from '../audit/index.js';
export { type AuditedInput, auditInput } from '../experiment/index.js';
