// Inputs that a stage lost to its servers: too many of them keep it from being complete, so that another run asks for them again.
import { addCount } from '../../core/own.js';
import { ModelError } from '../../core/errors.js';
import { printable } from '../../core/text.js';
import { lostToServers, type Drop } from '../../schema/drop.js';
import type { ExperimentConfig } from '../config/config.js';

/** The share of a stage's inputs that may be lost to servers, 0 to 1; the embedded model loses none. */
export function acceptedLosses({ endpoint }: Pick<ExperimentConfig, 'endpoint'>): number {
  return endpoint.provider === 'openai' ? endpoint.acceptServerLosses : 0;
}

/** Counts losses. What an input's own content causes is none: that would be lost again. */
export class ServerLosses {
  readonly byReason: Record<string, number> = {};
  /** What the server said of the first. */
  #first = '';

  /** Counts a drop, if a server is to blame for it. */
  add({ fault, reason, detail }: Drop): void {
    if (fault !== 'server') return;
    if (this.n === 0) this.#first = detail ?? '';
    addCount(this.byReason, reason);
  }

  get n(): number {
    return Object.values(this.byReason).reduce((sum, n) => sum + n, 0);
  }

  /**
   * Requires that no more are lost than may be.
   * @param options.subject what lost them
   * @param options.accepted a share of `nInput`, 0 to 1
   * @param options.dropsPath where they are listed; absent: nowhere
   * @throws ModelError that stops the run, which can be continued
   */
  check(options: { subject: string; nInput: number; accepted: number; dropsPath?: string }): void {
    const { subject, nInput, accepted, dropsPath } = options;
    // As a quotient, which the share that the message names is never below: 0.29 * 100 is less than 29.
    if (this.n === 0 || this.n / nInput <= accepted) return;
    const enough = Math.ceil((this.n / nInput) * 100) / 100;
    const lost = lostToServers({ nInput, lostToServers: this.byReason }) ?? '';
    const look = dropsPath === undefined ? '' : `${dropsPath} lists them. `;
    throw new ModelError({
      subject,
      expected: `at most ${accepted} of the inputs to be lost to servers (endpoint.acceptServerLosses)`,
      received: `${lost}${this.#first === '' ? '' : `; the first: ${printable(this.#first)}`}`,
      remedy: `${look}Look at the server, and run again: only these are asked, since all answers are in the completion store. To go on without them: --set endpoint.acceptServerLosses=${enough}`,
      scope: 'endpoint',
      code: 'server-losses',
      isServerFault: true,
    });
  }
}
