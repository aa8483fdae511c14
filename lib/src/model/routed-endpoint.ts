// An endpoint that asks some models elsewhere: a trainer may serve what it made on a server of its own.
import type { AskOptions, ChatEndpoint, EndpointAnswer, SampleRequest } from './chat-endpoint.js';

/** Asks each model where it is served. */
export class RoutedEndpoint implements ChatEndpoint {
  readonly #usual: ChatEndpoint;
  readonly #elsewhere = new Map<string, ChatEndpoint>();

  /** @param usual asked for every model that is not served elsewhere */
  constructor(usual: ChatEndpoint) {
    this.#usual = usual;
  }

  /** From now on this model is asked there. */
  route(model: string, endpoint: ChatEndpoint): void {
    this.#elsewhere.set(model, endpoint);
  }

  /** Asked for one completion at a time as soon as one of the endpoints has to be. */
  get honoursN(): boolean | null {
    const all = [this.#usual, ...this.#elsewhere.values()].map(({ honoursN }) => honoursN);
    if (all.includes(false)) return false;
    return all.includes(null) ? null : true;
  }

  identityOf(model: string): string {
    return this.#of(model).identityOf(model);
  }

  sample(request: SampleRequest, options: AskOptions): Promise<EndpointAnswer> {
    return this.#of(request.model).sample(request, options);
  }

  #of(model: string): ChatEndpoint {
    return this.#elsewhere.get(model) ?? this.#usual;
  }
}
