// Pools of instructions: files in, instructions and counted drops out.
export {
  POOL_LAYOUTS,
  poolFileSchema,
  poolFiltersSchema,
  poolSchema,
  type Pool,
  type PoolFile,
  type PoolFilters,
} from './pool-config.js';
export { PERSONAL_DETAILS, screenPersonalDetails, type PersonalDetail } from './personal-details.js';
export { NearDuplicates, type NearDuplicate, type NearDuplicateOptions } from './near-duplicates.js';
export { findPoolFiles, type FoundPoolFile, type PoolPlaces } from './pool-files.js';
export { readPool, type ReadPoolOptions } from './read-pool.js';
