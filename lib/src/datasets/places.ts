// Where data sets come from and where they are kept, as the environment and the command line say.
import { ConfigError } from '../core/errors.js';

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

/** Where data sets are kept unless told otherwise. */
export const DEFAULT_DATASETS_FOLDER = '.autodidact/datasets';

/**
 * The places of an environment: AUTODIDACT_DATASETS (cache), AUTODIDACT_HUB_URL and AUTODIDACT_RAW_URL (mirrors), HF_TOKEN.
 * @param overrides what the command line or a caller says, which counts more
 * @throws ConfigError for an address that is none
 */
export function datasetPlaces(
  environment: Readonly<Record<string, string | undefined>>,
  overrides: Partial<DatasetPlaces> = {},
): DatasetPlaces {
  const value = (name: string): string | null => {
    const text = environment[name]?.trim();
    // An empty variable is as good as none.
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
    hubToken: overrides.hubToken === undefined ? value('HF_TOKEN') : overrides.hubToken,
  };
}

function baseUrl(name: string, address: string): string {
  const isWebAddress = /^https?:$/.test(URL.canParse(address) ? new URL(address).protocol : '');
  if (isWebAddress && !/[?#]/.test(address)) return address.replace(/\/+$/, '');
  throw new ConfigError({
    subject: name,
    expected: 'the http or https address of a server',
    received: address,
    remedy: 'Give an address such as https://mirror.example.org, or leave it out.',
  });
}
