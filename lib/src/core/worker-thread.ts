// Starts worker threads, from the sources (under tsx) and from the compiled files alike.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * Starts a file as a worker thread.
 * @param place the file without its extension: `.ts` is added where this file itself runs from its source, otherwise `.js`.
 * @param workerData handed to the thread; shared memory is shared, everything else copied.
 */
export function startWorkerThread(place: URL, workerData: unknown): Worker {
  const fromSources = import.meta.url.endsWith('.ts');
  const url = new URL(`${place.href}.${fromSources ? 'ts' : 'js'}`);
  if (!fromSources) return new Worker(url, { workerData });
  // A thread loads compiled files in a third of the time; set this only if they are built from the same sources.
  if (process.env.AUTODIDACT_COMPILED_THREADS)
    return new Worker(new URL(`${place.href.replace('/lib/src/', '/lib/dist/')}.js`), {
      workerData,
      execArgv: [],
    });
  // Node 20 does not run `--import` loaders for the first file of a worker, so one line of JavaScript registers tsx and imports the file.
  const tsxPackage = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const loader = new URL('./dist/esm/api/index.mjs', tsxPackage).href;
  const code = `import('${loader}').then(({ register }) => { register(); return import('${url.href}'); });`;
  return new Worker(code, { eval: true, workerData, execArgv: [] });
}
