// `autodidact/store`: the completion store and the spending ledger on disk.
export {
  CompletionStore,
  type PartitionStats,
  type PrunedPartition,
  type PruneOptions,
  pruneStore,
  type ReadLedger,
  readLedger,
  spendingByStage,
  type StoreDamage,
  type StoreStats,
  storeStats,
  type StoreVerification,
  verifyStore,
} from '../store/index.js';
