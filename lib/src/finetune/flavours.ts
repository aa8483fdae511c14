// The registry of servers that fine-tune through files and jobs. A new one is a JobApi in a file of its own and a line here.
import type OpenAI from 'openai';
import type { JobApi } from './job-api.js';
import { OpenAIJobs } from './openai-jobs.js';
import { TogetherJobs, type LoraSettings } from './together-jobs.js';

/** How a server is reached, and the settings that only some servers have. */
export interface FlavourOptions {
  client: OpenAI;
  /** Absent: all weights are trained. */
  lora?: LoraSettings | undefined;
}

interface FlavourEntry {
  /** Whether the server has `/fine_tuning/jobs`, which can be checked before a run. */
  hasOpenAIJobs: boolean;
  open: (options: FlavourOptions) => JobApi;
}

/** The servers by the name that `finetune.trainer.flavour` has. */
export const FLAVOURS = {
  openai: { hasOpenAIJobs: true, open: ({ client }) => new OpenAIJobs(client) },
  together: { hasOpenAIJobs: false, open: ({ client, lora }) => new TogetherJobs(client, lora) },
} satisfies Record<string, FlavourEntry>;

/** The name of a server's API. */
export type Flavour = keyof typeof FLAVOURS;

/** See {@link FLAVOURS}. */
export const FLAVOUR_NAMES = Object.keys(FLAVOURS) as Flavour[];
