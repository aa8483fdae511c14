// Access to models: the client of the stages, the endpoints behind it, and what requests cost.
export * from './all-answered.js';
export * from './batch-endpoint.js';
export * from './budget.js';
export * from './chat-endpoint.js';
export * from './chat-model.js';
export { completionKeys } from './completion-key.js';
export * from './completion-cache.js';
export * from './map-ordered.js';
export * from './engine-event.js';
export * from './openai-call.js';
export * from './openai-endpoint.js';
export * from './openai-failure.js';
export * from './prices.js';
export * from './prompt-size.js';
export * from './routed-endpoint.js';
export { readTokenLogprobs } from './token-logprobs.js';
