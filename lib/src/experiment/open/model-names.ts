// Checks that servers have the models that are going to be asked, before anything is paid for.
import { ConfigError } from '../../core/errors.js';
import { nearestNames } from '../../core/nearest.js';
import { printable } from '../../core/text.js';
import { AttemptFailure } from '../../model/attempt-failure.js';
import { shortRequest, type OpenAIEndpoint } from '../../model/index.js';

/** A server that answered, and the models that it lists; null: none. */
export interface ModelList {
  baseUrl: string;
  models: ReadonlyMap<string, object> | null;
}

/** Most names of models that a message shows. */
const MOST_NAMES = 5;

/**
 * Tries each model that all servers leave out of their lists with one request, since lists are not always complete: gateways take
 * `provider/*`, OpenRouter takes suffixes, Azure lists base models but not deployments, llama.cpp answers to any name.
 * @throws ConfigError for a model that a list lacks and whose request is refused, with the nearest names of the list; the signal's reason
 *   when it aborts
 */
export async function requireModels(
  endpoint: OpenAIEndpoint,
  {
    contacts,
    models,
    signal,
  }: { contacts: readonly ModelList[]; models: readonly string[]; signal: AbortSignal },
): Promise<void> {
  for (const model of models) {
    const [first] = contacts;
    // A server without a list may have it.
    if (!first || contacts.some((one) => one.models === null || one.models.has(model))) continue;
    try {
      await endpoint.tryAt(first.baseUrl, shortRequest(model), signal);
    } catch (thrown) {
      if (!(thrown instanceof AttemptFailure)) throw thrown;
      // The first request of the run decides on any other failure, such as a key that is wrong or a prompt without a system message.
      if (isAboutModel(thrown, model)) throw noModel(model, first, thrown.message);
    }
  }
}

/** DeepSeek "Model Not Exist", Mistral "Invalid model", and others without the name. */
const NO_MODEL = /\bmodel\b.{0,40}\b(?:not|unknown|invalid|unavailable)\b|\b(?:no|unknown|invalid) model\b/i;

/** Whether a refusal is about the name of the model: it says so, or the server has nothing of that name. */
function isAboutModel({ failureClass, code, message }: AttemptFailure, model: string): boolean {
  if (failureClass !== 'refused' || !code.startsWith('http-')) return false;
  const words = message.split(/[^\w./:@-]+/).map((word) => word.replace(/[.:]+$/, ''));
  return code === 'http-404' || words.includes(model) || NO_MODEL.test(message);
}

/** `did you mean …` or, where no name is near, the names there are. */
function namesLike(model: string, known: readonly string[]): string {
  const letters = model.toLowerCase();
  const parts = known.filter(
    (name) => name.toLowerCase().includes(letters) || letters.includes(name.toLowerCase()),
  );
  const near = [...new Set([...parts, ...nearestNames(model, known)])].slice(0, MOST_NAMES);
  const shown = (names: readonly string[]): string => names.map((name) => printable(name, 80)).join(', ');
  if (near.length > 0) return `did you mean ${shown(near)}?`;
  const nOthers = known.length - MOST_NAMES;
  return `it lists ${shown(known.slice(0, MOST_NAMES))}${nOthers > 0 ? ` and ${nOthers} others` : ''}`;
}

function noModel(model: string, { baseUrl, models }: ModelList, said: string): ConfigError {
  const names = [...(models?.keys() ?? [])];
  return new ConfigError({
    subject: `model ${model}`,
    expected: `a model of ${baseUrl}, which does not list it`,
    received: said,
    remedy: `Name a model as the server lists it: ${namesLike(model, names)}`,
  });
}
