import { OpenAIJobs } from '../../lib/src/finetune/openai-jobs.js';
import { TogetherJobs } from '../../lib/src/finetune/together-jobs.js';
import { describeJobApi } from '../contracts/job-api.js';
import { EMBEDDED, TOGETHER } from './trainer-worlds.js';

describeJobApi('OpenAIJobs', { ...EMBEDDED, api: ({ client }) => new OpenAIJobs(client) });
describeJobApi('TogetherJobs', { ...TOGETHER, api: ({ client }) => new TogetherJobs(client) });
