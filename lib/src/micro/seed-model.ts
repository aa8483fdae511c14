// The seed model that ships with the package.
import { fileURLToPath } from 'node:url';

/** The name under which the embedded server offers its seed model. */
export const SEED_MODEL_ID = 'micro-seed';

/** Where its checkpoint lies, from the sources and from the compiled package alike. */
export const SEED_CHECKPOINT_PATH = fileURLToPath(
  new URL('../../assets/micro-seed/model.safetensors', import.meta.url),
);
