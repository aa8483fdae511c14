// What the client of the stages needs of whoever watches what is spent.

/** The most that one request can use. */
export interface RequestCeiling {
  model: string;
  promptTokens: number;
  /** Of all its completions together. */
  completionTokens: number;
}

/** What was used. */
export interface TokenCounts {
  promptTokens: number;
  completionTokens: number;
}

/** Room held for one request; exactly one of its functions is called, once. */
export interface Reservation {
  /** The request was answered. Resolves with its cost in US dollars, null where its model has no price. @throws DataError */
  settle(used: TokenCounts): Promise<number | null>;
  /** The request came to nothing. */
  cancel(): void;
}

/** Holds room for requests before they are sent; what is in flight counts. */
export interface SpendingControl {
  /**
   * Waits until the ceiling fits beside what is spent and in flight, or until nothing else is in flight.
   * @throws BudgetError once a cap is reached; the signal's reason when it aborts
   */
  reserve(ceiling: RequestCeiling, signal: AbortSignal): Promise<Reservation>;
}
