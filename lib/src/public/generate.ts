// `autodidact/generate`: writing of response pairs whose winner is known.
export {
  areNearlyIdentical,
  corrupt,
  type Corruption,
  type CorruptionInput,
  type CorruptionName,
  CORRUPTIONS,
  DEFAULT_LOSERS,
  type GenerateConfig,
  type GenerateOptions,
  generatePairs,
  generateSchema,
  isRefusal,
  type LoserSpec,
} from '../generate/index.js';
export { generateToFile } from '../experiment/index.js';
