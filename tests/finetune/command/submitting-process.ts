// A process that submits a job, prints the id, and then does nothing until it is killed.
import { CommandBackend } from '../../../lib/src/finetune/index.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { commandConfig } from './command-setting.js';

const { folder, config, request } = JSON.parse(process.argv[2] ?? '') as {
  folder: string;
  config: Record<string, unknown>;
  request: Parameters<CommandBackend['submit']>[0];
};
const backend = new CommandBackend({
  config: commandConfig(config),
  jobsFolder: `${folder}/jobs`,
  baseFolder: folder,
  environment: process.env,
  redact: (text) => text,
});
process.stdout.write(`${await backend.submit(request, NEVER)}\n`);
setInterval(() => undefined, 1000);
