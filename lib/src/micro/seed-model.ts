// The seed models that ship with the package.
import { fileURLToPath } from 'node:url';

/** The name under which the embedded server offers its seed model. */
export const SEED_MODEL_ID = 'micro-seed';

/** Where its checkpoint lies, from the sources and from the compiled package alike. */
export const SEED_CHECKPOINT_PATH = checkpointOf(SEED_MODEL_ID);

/** Seeds of other strength, for experiments that compare seeds: the checkpoint of each by its name. */
export const OTHER_SEED_CHECKPOINTS: Readonly<Record<'micro-seed-weak' | 'micro-seed-strong', string>> = {
  'micro-seed-weak': checkpointOf('micro-seed-weak'),
  'micro-seed-strong': checkpointOf('micro-seed-strong'),
};

function checkpointOf(id: string): string {
  return fileURLToPath(new URL(`../../assets/${id}/model.safetensors`, import.meta.url));
}
