// Where data sets come from and where they are kept, from the environment and the command line.
import { ConfigError } from '../core/errors.js';
import { printable } from '../core/text.js';

/** The places that pulling needs. */
export interface DatasetPlaces {
  /** Folder of the cache: `<cacheFolder>/<name>/<file>`. */
  cacheFolder: string;
  /** The Hugging Face hub or a mirror of it, without a slash at the end. */
  hubUrl: string;
  /** GitHub's server of raw files or a mirror of it, without a slash at the end. */
  rawUrl: string;
  /** A token of the hub, sent to the hub alone; null sends none. */
  hubToken: string | null;
}

/** The default folder of the cache. */
export const DEFAULT_DATASETS_FOLDER = '.autodidact/datasets';

/**
 * The places of an environment: AUTODIDACT_DATASETS (cache), AUTODIDACT_HUB_URL and AUTODIDACT_RAW_URL (mirrors), HF_TOKEN.
 * @param overrides settings of the command line or of a caller, which take precedence
 * @throws ConfigError for an invalid address or token
 */
export function datasetPlaces(
  environment: Readonly<Record<string, string | undefined>>,
  overrides: Partial<DatasetPlaces> = {},
): DatasetPlaces {
  const value = (name: string): string | null => {
    const text = environment[name]?.trim();
    // An empty variable counts as not set.
    return text === undefined || text === '' ? null : text;
  };
  return {
    cacheFolder: overrides.cacheFolder ?? value('AUTODIDACT_DATASETS') ?? DEFAULT_DATASETS_FOLDER,
    hubUrl: baseUrl(
      'AUTODIDACT_HUB_URL',
      overrides.hubUrl ?? value('AUTODIDACT_HUB_URL') ?? 'https://huggingface.co',
    ),
    rawUrl: baseUrl(
      'AUTODIDACT_RAW_URL',
      overrides.rawUrl ?? value('AUTODIDACT_RAW_URL') ?? 'https://raw.githubusercontent.com',
    ),
    hubToken: tokenOf(overrides.hubToken === undefined ? value('HF_TOKEN') : overrides.hubToken),
  };
}

/** Checked here, since an HTTP client that cannot send a token shows it in its error. @throws ConfigError */
function tokenOf(token: string | null): string | null {
  if (token === null || /^[\x21-\x7E]+$/.test(token)) return token;
  throw new ConfigError({
    subject: 'HF_TOKEN',
    expected: 'a token of visible ASCII characters',
    received: 'one with other characters, such as a blank or a line end',
    remedy: 'Set it again, or leave it out: most data sets need none.',
  });
}

function baseUrl(name: string, address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  const hasSecrets = (url !== null && url.username + url.password !== '') || /[?#]/.test(address);
  if (url !== null && /^https?:$/.test(url.protocol) && !hasSecrets) return address.replace(/\/+$/, '');
  throw new ConfigError({
    subject: name,
    expected: 'the http or https address of a server, without user, password or query',
    received: hasSecrets ? 'one that has some' : printable(address),
    remedy: 'Give an address such as https://mirror.example.org, or leave it out.',
  });
}
