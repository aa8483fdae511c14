// The section of an experiment that says who answers: the embedded model, or servers of the OpenAI API.
import { z } from 'zod';
import { section } from '../../core/config-section.js';

/** Most requests in flight at once, at each server; fewer while a server says that it is too much. */
const concurrency = z.int().min(1).max(4096);

const MIB = 1024 * 1024;

/** Present: stages ask through the server's Batch API, hours later and mostly at half the price, in place of request by request. */
const batchSchema = section({
  /** The window that the server promises. */
  completionWindow: z.string().min(1).default('24h'),
  /** Bounds of one batch file; OpenAI takes 50,000 requests and 200 MB. */
  maxRequests: z.int().min(1).max(50_000).default(50_000),
  maxBytes: z
    .int()
    .min(1024)
    .max(200 * MIB)
    .default(190 * MIB),
  /** A batch goes out when no request has come for so long, in milliseconds. */
  gatherMs: z.int().min(1).max(600_000).default(2000),
  /** The longest pause between two looks at a batch, in milliseconds. */
  pollMs: z.int().min(10).max(3_600_000).default(30_000),
}).optional();

const embeddedEndpointSchema = section({
  provider: z.literal('embedded'),
  /** Where fine-tuned models and jobs live, shared by experiments. */
  stateFolder: z.string().min(1).default('.autodidact/embedded'),
  /** Threads that sample; absent means one per core. */
  workers: z.int().min(1).max(64).optional(),
  concurrency: concurrency.default(64),
  timeoutMs: z.int().min(1).max(3_600_000).default(120_000),
  batch: batchSchema,
});

/** The address of an API, without anything secret in it. */
const apiAddress = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !/^https?:\/\/[^/]*@/i.test(url), 'expected no user or password in it; use apiKeyEnv')
  .refine((url) => !/[?#]/.test(url), 'expected no query in it; use apiKeyEnv for keys');

/** The address below which `/chat/completions` stands, mostly ending in `/v1`; or several, of servers with the same models. */
const apiAddresses = z
  .union([z.string(), z.array(z.string()).min(1)], 'expected an http or https address, or a list of them')
  .superRefine((addresses, context) => {
    for (const address of [addresses].flat()) {
      for (const { message } of apiAddress.safeParse(address).error?.issues ?? [])
        context.addIssue({ code: 'custom', message });
    }
  });

/** Name of the environment variable that holds the key; the key itself never stands in a file of the experiment. */
const apiKeyEnv = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the NAME of an environment variable, not a key')
  .optional();

const openaiEndpointSchema = section({
  provider: z.literal('openai'),
  baseUrl: apiAddresses,
  apiKeyEnv,
  /** A file that holds the key and nothing else, in place of apiKeyEnv. */
  apiKeyFile: z.string().min(1).optional(),
  /** Distinguishes these servers in the completion store; absent means the base URL, of which there must be one then. */
  identity: z.string().min(1).optional(),
  concurrency: concurrency.default(32),
  /** The longest wait for an answer, in milliseconds. */
  timeoutMs: z.int().min(1).max(3_600_000).default(600_000),
  /** Attempts of one request that may end in no answer within timeoutMs; then its input is dropped. */
  maxTimeouts: z.int().min(1).max(100).default(3),
  /** Bounds of the rate at each server; absent: what the server says in its answers is followed. */
  requestsPerMinute: z.int().min(1).optional(),
  tokensPerMinute: z.int().min(1).optional(),
  /** A server that does not come back for so long ends the run, in milliseconds; the run can be continued. */
  giveUpAfterMs: z.int().min(0).max(86_400_000).default(300_000),
  batch: batchSchema,
  /** By its name, a model that other servers answer for, such as the generator beside the judge; rates and patience are those above. */
  otherModels: z
    .record(
      z.string().min(1),
      section({ baseUrl: apiAddresses, identity: z.string().min(1).optional(), apiKeyEnv }),
    )
    .default({}),
}).superRefine(({ baseUrl, identity, apiKeyEnv, apiKeyFile }, context) => {
  if (Array.isArray(baseUrl) && baseUrl.length > 1 && identity === undefined) {
    const message = 'expected a name of your choice for these servers, since there are several';
    context.addIssue({ code: 'custom', path: ['identity'], message });
  }
  if (apiKeyEnv !== undefined && apiKeyFile !== undefined) {
    context.addIssue({
      code: 'custom',
      path: ['apiKeyFile'],
      message: 'expected apiKeyEnv or apiKeyFile, not both',
    });
  }
});

/** Who answers. */
export const endpointSchema = z.discriminatedUnion('provider', [
  embeddedEndpointSchema,
  openaiEndpointSchema,
]);
export type EndpointConfig = z.output<typeof endpointSchema>;
