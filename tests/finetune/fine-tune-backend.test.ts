import { describeFineTuneBackend } from '../contracts/fine-tune-backend.js';
import { COMMAND } from './command/command-world.js';
import { EMBEDDED, TOGETHER } from './trainer-worlds.js';

describeFineTuneBackend('the OpenAI API of the embedded server', EMBEDDED);
describeFineTuneBackend('the API of Together', TOGETHER);
describeFineTuneBackend('a command', COMMAND);
