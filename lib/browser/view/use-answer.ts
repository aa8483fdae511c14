// What the server answers to the question of a page.
import { useEffect, useState } from 'preact/hooks';

/** The last answer, and why there is no newer one. */
export interface Answered<Answer> {
  answer: Answer | null;
  /** Whether it is the answer to the question as it is now. */
  isCurrent: boolean;
  problem: string | null;
}

/**
 * Asks whenever the question changes, and gives up the one before.
 * @param question as a text; null: nothing is asked
 */
export function useAnswer<Answer>(
  question: string | null,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Answered<Answer> {
  const [found, setFound] = useState<{ to: string; answer: Answer } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (question === null) return;
    const stop = new AbortController();
    ask(stop.signal).then(
      (answer) => {
        if (stop.signal.aborted) return;
        setFound({ to: question, answer });
        setProblem(null);
      },
      (thrown: unknown) => {
        if (!stop.signal.aborted) setProblem(String(thrown));
      },
    );
    return () => {
      stop.abort();
    };
  }, [question]);
  return { answer: found?.answer ?? null, isCurrent: found !== null && found.to === question, problem };
}
