// A request that a trainer cannot fulfil is refused before anything is sent or paid for.
import { ConfigError } from '../core/errors.js';

/** The error about one setting of a request. */
export function refuse(setting: string, parts: { expected: string; received: string }): ConfigError {
  return new ConfigError({
    subject: `fine-tuning request: ${setting}`,
    ...parts,
    remedy: 'Change that setting, or train with another backend.',
  });
}
