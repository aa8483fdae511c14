// What every part of the command backend works with.
import type { CommandTrainerConfig } from '../trainer-schema.js';

/** The settings of a command, and where it runs. */
export interface CommandContext {
  config: CommandTrainerConfig;
  /** The folder of the experiment file: relative paths start here, and commands run here. */
  baseFolder: string;
  /** The environment of commands; the trainer's own gets `AUTODIDACT_*` in addition. */
  environment: NodeJS.ProcessEnv;
  /** Output of commands, as it may be shown: printable and without secrets. @param most characters */
  shown: (text: string, most?: number) => string;
  /** Milliseconds since 1970. */
  now: () => number;
}
