// `autodidact/filter`: from judgments to training sets: rejection sampling, preference pairs, splits, set statistics.
export {
  filterJudgments,
  type FilterOptions,
  filterPreferences,
  filterSchema,
  type FilterSettings,
  type KeptJudgment,
  type KeptPreference,
  type PreferenceOptions,
  preferenceSchema,
  type PreferenceSettings,
  setStatistics,
  sideOf,
  splitSchema,
  type SplitSettings,
  validationInstructions,
} from '../filter/index.js';
export { filterToFile, type FilterFileOptions } from '../experiment/index.js';
