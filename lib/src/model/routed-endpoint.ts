// An endpoint that reaches some models at other servers: a trainer may serve its models on a server of its own.
import type { AskOptions, ChatEndpoint, EndpointAnswer, SampleRequest } from './chat-endpoint.js';

/** Sends each request to the endpoint that serves its model. */
export class RoutedEndpoint implements ChatEndpoint {
  readonly #usual: ChatEndpoint;
  readonly #elsewhere = new Map<string, ChatEndpoint>();

  /** @param usual serves every model without a route */
  constructor(usual: ChatEndpoint) {
    this.#usual = usual;
  }

  /** From now on requests to this model go there. */
  route(model: string, endpoint: ChatEndpoint): void {
    this.#elsewhere.set(model, endpoint);
  }

  /** False as soon as one of the endpoints gives one completion at a time. */
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
