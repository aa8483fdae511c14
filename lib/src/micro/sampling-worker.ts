// Worker thread of the sampling engine: decodes step by step, and between steps takes new requests and posts what is done.
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { vocabularyHash } from './checkpoint.js';
import { ModelShelf } from './model-shelf.js';
import type { MessageFromThread, MessageToThread, SamplingThreadSetup } from './sampling-messages.js';
import { failureOf } from '../core/thread-failure.js';
import type { TokenListener } from './types.js';

type Part = Extract<MessageToThread, { kind: 'sample' }>;

const { vocabulary, endOfSequence } = workerData as SamplingThreadSetup;
const decodeTokens = (tokens: readonly number[]): string =>
  tokens.map((token) => vocabulary[token] ?? '').join(' ');
const shelf = new ModelShelf({ endOfSequence, decodeTokens }, vocabularyHash(vocabulary));
const port = portToEngine();

const outbox: MessageFromThread[] = [];
const cancellations = new Map<number, () => void>();
/** Parts whose model has no place yet because all places are at work. */
let delayed: Part[] = [];

function portToEngine(): MessagePort {
  if (parentPort === null) throw new Error('sampling-worker: expected to run in a worker thread');
  return parentPort;
}

function take(messages: readonly MessageToThread[]): void {
  for (const message of messages) {
    if (message.kind === 'sample') start(message);
    else cancel(message.partId);
  }
}

function start(part: Part): void {
  const { partId, modelId, checkpointPath, settings, firstChoice, nChoices } = part;
  try {
    const shelved = shelf.take(modelId, checkpointPath);
    if (shelved === null) {
      delayed.push(part);
      return;
    }
    const onToken: TokenListener | null = part.streams
      ? (choice, token, logprob) => outbox.push({ kind: 'token', partId, choice, token, logprob })
      : null;
    const cancelPart = shelved.decoder.submit({
      model: shelved.model,
      settings,
      firstChoice,
      nChoices,
      onToken,
      onDone: (choices) => {
        cancellations.delete(partId);
        outbox.push({ kind: 'done', partId, choices });
      },
    });
    cancellations.set(partId, cancelPart);
  } catch (thrown) {
    outbox.push({ kind: 'failed', partId, failure: failureOf(thrown) });
  }
}

function cancel(partId: number): void {
  cancellations.get(partId)?.();
  cancellations.delete(partId);
  delayed = delayed.filter((part) => part.partId !== partId);
}

function work(): void {
  let busy = true;
  while (busy) {
    for (let post = receiveMessageOnPort(port); post !== undefined; post = receiveMessageOnPort(port)) {
      take(post.message as MessageToThread[]);
    }
    busy = false;
    for (const decoder of shelf.decoders) if (decoder.step()) busy = true;
    if (delayed.length > 0) {
      const again = delayed;
      delayed = [];
      again.forEach(start);
      busy = true;
    }
    if (outbox.length > 0) port.postMessage(outbox.splice(0));
  }
}

port.on('message', (messages: MessageToThread[]) => {
  take(messages);
  work();
});
