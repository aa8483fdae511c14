// The web app over a folder of results: pages and figures as JSON, on loopback, for those who have its address.
import { serve } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { browserFile } from '../core/browser-file.js';
import { AutodidactError, ConfigError, messageOf } from '../core/errors.js';
import { exists } from '../core/files.js';
import { schemaProblems } from '../core/jsonl.js';
import { STYLES } from '../report/index.js';
import { judgmentFilterSchema } from '../schema/judgment-filter.js';
import { refusalOf } from './guard.js';
import { Comparisons } from './compare-judges.js';
import { pageBoundsShape } from './judgment-filter.js';
import { OpenRuns } from './open-runs.js';
import { reportPage, type ReportedRuns } from './report-page.js';
import { givenAnswerSchema, keepAnswer, queueQuerySchema, readQueue } from './review-queue.js';
import { addShareRoute } from './share-view.js';

/** Where results are, and where the view is reached. */
export interface ViewOptions {
  resultsFolder: string;
  /** Of the loopback interface; 0 for a free one. */
  port: number;
  /** In the address; default: a random one. */
  token?: string;
  signal: AbortSignal;
}

/** A view at work. */
export interface StartedView {
  /** With the token. */
  address: string;
  /** Whether the folder of results is there yet. */
  isThere: boolean;
  close: () => Promise<void>;
}

const pageQuerySchema = z.strictObject({
  run: z.string().min(1),
  filter: judgmentFilterSchema.default({}),
  ...pageBoundsShape,
});

const reportQuerySchema = z.looseObject({ run: z.array(z.string().min(1)).min(1) });

/** How often a list that is looked at is looked up, in milliseconds. */
const LIVE_MS = 1000;

/** Bytes of a request, at most: a page asks in some hundred, a shared place in about a thousand requests. */
const MOST_ASKED = 1_000_000;

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Starts a view on loopback.
 * @throws ConfigError for a port that is not free
 */
export async function startView({
  resultsFolder,
  port,
  token = randomBytes(24).toString('base64url'),
  signal,
}: ViewOptions): Promise<StartedView> {
  const runs = new OpenRuns(resultsFolder);
  const comparisons = new Comparisons(runs);
  const app = new Hono();
  const ours = { token, port };
  app.use('/:token/*', async (context, next) => {
    const { req } = context;
    const refusal = refusalOf(
      { host: req.header('host'), origin: req.header('origin'), token: req.param('token') },
      ours,
    );
    if (refusal !== null) return context.text(`refused: ${refusal}\n`, 403);
    if (req.method !== 'GET' && req.method !== 'POST') return context.text('expected GET or POST\n', 405);
    await next();
    const headers = context.res.headers;
    if (!headers.has('content-security-policy')) headers.set('content-security-policy', POLICY);
    headers.set('x-content-type-options', 'nosniff');
    headers.set('referrer-policy', 'no-referrer');
    headers.set('cross-origin-resource-policy', 'same-origin');
    headers.set('cache-control', 'no-store');
    return undefined;
  });
  app.use(
    bodyLimit({
      maxSize: MOST_ASKED,
      onError: (context) => context.json({ error: `expected at most ${MOST_ASKED} bytes` }, 413),
    }),
  );
  app.onError((thrown, context) => {
    if (thrown instanceof AutodidactError) return context.json({ error: thrown.message }, 400);
    if (thrown instanceof z.ZodError) return context.json({ error: schemaProblems(thrown) }, 400);
    if (thrown instanceof RangeError || thrown instanceof SyntaxError)
      return context.json({ error: messageOf(thrown) }, 400);
    return context.json({ error: `defect: ${messageOf(thrown)}` }, 500);
  });
  app.get('/:token/', (context) => context.html(SHELL));
  app.get('/:token/view.js', (context) =>
    context.body(browserFile('view.js'), 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );
  app.get('/:token/view.css', (context) =>
    context.body(`${STYLES}${browserFile('view.css')}`, 200, {
      'content-type': 'text/css; charset=utf-8',
    }),
  );
  app.get('/:token/api/runs', async (context) => context.json(await runs.list({ isAssessed: true })));
  app.post('/:token/api/judgments', async (context) => {
    const { run, filter, ...bounds } = pageQuerySchema.parse(await context.req.json());
    return context.json(await (await runs.open(run)).judgments(filter, bounds, context.req.raw.signal));
  });
  app.get('/:token/api/judgment', async (context) => {
    const row = z.coerce.number().int().min(0).parse(context.req.query('row'));
    return context.json(await (await runs.open(runOf(context))).judgment(row));
  });
  app.post('/:token/api/compare', async (context) =>
    context.json(await comparisons.answer(await context.req.json(), context.req.raw.signal)),
  );
  app.post('/:token/api/compare-figures', async (context) =>
    context.json(await comparisons.figures(await context.req.json())),
  );
  app.post('/:token/api/review', async (context) => {
    const query = queueQuerySchema.parse(await context.req.json());
    return context.json(await readQueue(await runs.pathOf(query.run), query));
  });
  app.post('/:token/api/answer', async (context) => {
    const given = givenAnswerSchema.parse(await context.req.json());
    await keepAnswer(await runs.pathOf(given.run), given);
    return context.json({ isKept: true });
  });
  app.get('/:token/api/live', (context) =>
    streamSSE(context, async (stream) => {
      let sent = '';
      while (!stream.aborted && !signal.aborted) {
        const listed = JSON.stringify(await runs.list());
        if (listed !== sent) await stream.writeSSE({ data: listed });
        sent = listed;
        await stream.sleep(LIVE_MS);
      }
    }),
  );
  app.post('/:token/api/stop', async (context) => {
    const { run } = z.strictObject({ run: z.string() }).parse(await context.req.json());
    await runs.stop(run);
    return context.json({ isAsked: true });
  });
  addShareRoute(app, { token, resultsFolder });
  const reportOf = async (context: Context, of: Omit<ReportedRuns, 'signal'>): Promise<Response> => {
    const { page, status } = await reportPage({ ...of, signal });
    // The page says itself which script it runs.
    return context.html(page, status, { 'content-security-policy': "frame-ancestors 'self'" });
  };
  // Of one run, or of several side by side.
  app.get('/:token/report', async (context) => {
    const { run } = reportQuerySchema.parse(context.req.queries());
    const names = [...new Set(run)];
    return reportOf(context, {
      runs: names,
      folders: () => Promise.all(names.map((name) => runs.pathOf(name))),
    });
  });
  app.get('/:token/matrix', async (context) => {
    const name = z.string().min(1).parse(context.req.query('matrix'));
    return reportOf(context, { runs: [], folders: async () => [await runs.matrixPathOf(name)] });
  });
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' });
  await once(server, 'listening').catch((thrown: unknown) => {
    throw notFree(port, thrown);
  });
  ours.port = (server.address() as AddressInfo).port;
  return {
    address: `http://127.0.0.1:${ours.port}/${token}/`,
    isThere: await exists(resultsFolder),
    close: async () => {
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function runOf(context: Context): string {
  return z.string().min(1).parse(context.req.query('run'));
}

function notFree(port: number, cause: unknown): ConfigError {
  return new ConfigError({
    subject: '--port',
    expected: 'a port of this machine that is free',
    received: `${port}: ${messageOf(cause)}`,
    remedy: 'Name another one, or 0 for any that is free.',
    cause,
  });
}

const SHELL = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Autodidact</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="view.css">
</head>
<body><div id="app"><main><h1>Autodidact</h1><p>Loading…</p></main></div><script src="view.js"></script></body>
</html>
`;
