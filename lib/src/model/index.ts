// Reaching models: the client of the stages, the endpoints behind it, retries and concurrency.
export * from './chat-model.js';
export * from './concurrency.js';
export * from './openai-endpoint.js';
export * from './openai-failure.js';
export * from './request-signal.js';
export * from './retry.js';
