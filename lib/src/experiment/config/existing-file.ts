// Files that an experiment names: their paths start at the folder of the experiment file.
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import { exists } from '../../core/files.js';

/** The absolute path of a file that must be there. @param key the setting that names it @throws ConfigError */
export async function existingFile(path: string, key: string, configPath: string): Promise<string> {
  const absolute = resolve(dirname(configPath), path);
  if (await exists(absolute)) return absolute;
  throw new ConfigError({
    subject: `${configPath}, ${key}`,
    expected: 'a file',
    received: `none at ${absolute}`,
    remedy: 'Check the path; it is taken from the folder of the experiment file.',
  });
}
