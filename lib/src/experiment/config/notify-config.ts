// The hook of a run, in an experiment file: whom to tell how the run ended.
import { z } from 'zod';
import { nonEmpty, section, webAddress } from '../../core/config-section.js';

/** How a run ended; `waiting`: at a gate, or until people have answered. */
export const NOTICES = ['finished', 'stopped', 'failed', 'budget', 'waiting'] as const;

export const notifySchema = section(
  {
    command: nonEmpty.optional(),
    url: webAddress.optional(),
    urlEnv: nonEmpty.optional(),
    on: z
      .array(z.enum(NOTICES))
      .min(1)
      .default([...NOTICES]),
  },
  {
    command: ['Shell command that gets the notice as JSON on its standard input.', './tell.sh'],
    url: [
      'In place of a command: address to which the notice is posted as JSON.',
      'https://example.org/hook',
    ],
    urlEnv: ['In place of an address: environment variable that holds it, where it is secret.', 'NOTIFY_URL'],
    on: ['Which outcomes are reported.', ['failed', 'budget']],
  },
).refine(
  ({ command, url, urlEnv }) => [command, url, urlEnv].filter((way) => way !== undefined).length === 1,
  'expected one of command, url and urlEnv',
);
/** A hook. */
export type NotifyConfig = z.output<typeof notifySchema>;
