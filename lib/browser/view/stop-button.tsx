// A button that ends a run at work, once that is confirmed.
import { useRef, useState } from 'preact/hooks';
import { stopRun } from './api.js';

export function StopButton({ run }: { run: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isAsked, setAsked] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const stop = (): void => {
    dialog.current?.close();
    setAsked(true);
    setProblem(null);
    stopRun(run).catch((thrown: unknown) => {
      setAsked(false);
      setProblem(String(thrown));
    });
  };
  return (
    <>
      <button disabled={isAsked} aria-label={`stop ${run}`} onClick={() => dialog.current?.showModal()}>
        {isAsked ? 'stopping…' : 'stop'}
      </button>
      {problem === null ? null : <small role="alert"> {problem}</small>}
      <dialog ref={dialog} aria-label={`Stop ${run}?`}>
        <p>
          Stop <strong>{run}</strong>? What is finished is kept, and the same command continues it.
        </p>
        <p>
          <button onClick={stop}>Stop it</button>{' '}
          <button onClick={() => dialog.current?.close()}>Let it go on</button>
        </p>
      </dialog>
    </>
  );
}
