// The section of an experiment that says who answers: the embedded model, or servers of the OpenAI API.
import { z } from 'zod';
import { int, nonEmpty, section, suggestValues, webAddress } from '../../core/config-section.js';
import {
  environmentName,
  modelExtraNotes,
  modelExtras,
  requestExtraNotes,
  requestExtras,
} from './request-extras-config.js';

const concurrency = int(1, 4096);
const identity = nonEmpty.optional();

const MIB = 1024 * 1024;

/** Bounds of a batch file are those of OpenAI: 50,000 requests and 200 MB. */
const batchSchema = section(
  {
    completionWindow: nonEmpty.default('24h'),
    maxRequests: int(1, 50_000).default(50_000),
    maxBytes: int(1024, 200 * MIB).default(190 * MIB),
    gatherMs: int(1, 600_000).default(2000),
    pollMs: int(10, 3_600_000).default(30_000),
  },
  {
    completionWindow: 'Time within which the server promises to answer.',
    maxRequests: 'Most requests of one batch file.',
    maxBytes: 'Most bytes of one batch file.',
    gatherMs: 'A batch is sent when no request has come for so long, in milliseconds.',
    pollMs: 'Longest pause between two status requests, in milliseconds.',
  },
).optional();

const notes = {
  concurrency: 'Most requests in flight at each server; fewer while a server reports overload.',
  timeoutMs: 'Longest wait for an answer, in milliseconds.',
  batch: "Use the server's Batch API: hours later, mostly at half the price. Absent: request by request.",
} as const;

const embeddedEndpointSchema = section(
  {
    provider: z.literal('embedded'),
    stateFolder: nonEmpty.optional(),
    workers: int(1, 64).optional(),
    concurrency: concurrency.default(64),
    timeoutMs: int(1, 3_600_000).default(120_000),
    batch: batchSchema,
  },
  {
    ...notes,
    provider: 'The embedded model.',
    stateFolder: [
      'Folder of fine-tuned models and jobs, shared by experiments. Absent: .autodidact/embedded, for a notebook that of the workspace.',
      '.autodidact/embedded',
    ],
    workers: ['Threads that sample. Absent: one per core.', 4],
  },
);

/** The address of an API, without anything secret in it. */
const apiAddress = webAddress
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

const apiKeyEnv = environmentName.optional();

const serverNotes = {
  baseUrl: [
    'Address of the API, mostly ending in /v1; or a list, of servers with the same models.',
    'http://127.0.0.1:8000/v1',
  ],
  apiKeyEnv: ['NAME of the environment variable that holds the key. Absent: no key.', 'OPENAI_API_KEY'],
} as const;

const openaiEndpointSchema = section(
  {
    provider: z.literal('openai'),
    baseUrl: apiAddresses,
    apiKeyEnv,
    apiKeyFile: nonEmpty.optional(),
    identity,
    concurrency: concurrency.default(32),
    timeoutMs: int(1, 3_600_000).default(600_000),
    maxTimeouts: int(1, 100).default(3),
    requestsPerMinute: int(1).optional(),
    tokensPerMinute: int(1).optional(),
    giveUpAfterMs: int(0, 86_400_000).default(300_000),
    acceptServerLosses: z.number().min(0).max(1).default(0.01),
    batch: batchSchema,
    ...requestExtras,
    fitToContext: z.boolean().default(true),
    models: z.record(nonEmpty, section(modelExtras, modelExtraNotes)).default({}),
    otherModels: z
      .record(
        nonEmpty,
        section(
          { baseUrl: apiAddresses, identity, apiKeyEnv, ...requestExtras },
          {
            ...serverNotes,
            ...requestExtraNotes,
            identity: ['As endpoint.identity, for these servers.', 'generator'],
          },
        ),
      )
      .default({}),
  },
  {
    ...notes,
    ...serverNotes,
    ...requestExtraNotes,
    fitToContext:
      "Ask for fewer completion tokens than maxTokens where prompt and maxTokens exceed the model's window. false: drop the input.",
    models: 'extraBody and contextLength of single models of these servers, by the name of the model.',
    provider: 'Servers of the OpenAI API.',
    apiKeyFile: ['File that holds only the key, in place of apiKeyEnv.', '/run/secrets/api-key'],
    identity: [
      'Name of these servers in the completion store. Absent: the address, if it is one.',
      'cluster',
    ],
    maxTimeouts: 'Attempts of one request that may time out before its input is dropped.',
    requestsPerMinute: ["Most requests per minute at each server. Absent: the server's own limits.", 3000],
    tokensPerMinute: ["Most tokens per minute at each server. Absent: the server's own limits.", 200_000],
    giveUpAfterMs:
      'A server that is gone, or asks for a pause, for so long ends the run, in milliseconds; it can be continued.',
    acceptServerLosses:
      'Share of the inputs of a stage that may be lost to failures of servers; above it the run stops, and the next one asks for them again.',
    otherModels: 'Servers of other models, by the name of the model, such as the generator beside the judge.',
  },
).superRefine(({ baseUrl, identity, apiKeyEnv, apiKeyFile }, context) => {
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
export const endpointSchema = z.discriminatedUnion(
  'provider',
  [embeddedEndpointSchema, openaiEndpointSchema],
  {
    error: (issue) => {
      const wrong = suggestValues(issue);
      return wrong && `${wrong} (openai: every server of the OpenAI API, such as vLLM or llama.cpp)`;
    },
  },
);
export type EndpointConfig = z.output<typeof endpointSchema>;
