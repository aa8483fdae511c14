// Fine-tuning: training files and the trainers behind one interface.
export * from './backend.js';
export * from './fine-tune.js';
export * from './openai-backend.js';
