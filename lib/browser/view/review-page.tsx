// The queue of one reviewer: blind, by the keyboard alone; each answer is kept before the next item is shown.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { AskedItem, ReviewQueue } from '../../src/view/view-records.js';
import { giveAnswer, readQueue, type QueueQuery } from './api.js';

const STAGES = {
  generate: 'Which response of a new pair is better?',
  evaluate: 'Which response of a held-out pair is better?',
  filter: 'Is the reasoning of a kept judgment sound?',
  select: 'Is the instruction fit?',
} as const;

const KEYS: Readonly<Record<string, string>> = {
  a: 'A',
  b: 'B',
  t: 'tie',
  y: 'yes',
  n: 'no',
  s: 'skip',
};

export function ReviewPage({ run }: { run: string }) {
  const [query, setQuery] = useState<QueueQuery | null>(null);
  return (
    <>
      <h1>
        Review <small>{run}</small>
      </h1>
      {query ? <Queue query={query} /> : <Begin run={run} onBegin={setQuery} />}
    </>
  );
}

function Begin({ run, onBegin }: { run: string; onBegin: (query: QueueQuery) => void }) {
  const [stage, setStage] = useState<string>('generate');
  const [reviewer, setReviewer] = useState('');
  const [nItems, setNItems] = useState(50);
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        onBegin({ run, stage, nItems, reviewer });
      }}
    >
      <label>
        Your name{' '}
        <input required value={reviewer} onInput={({ currentTarget: { value } }) => setReviewer(value)} />
      </label>
      <label>
        Question{' '}
        <select value={stage} onChange={({ currentTarget: { value } }) => setStage(value)}>
          {Object.entries(STAGES).map(([name, question]) => (
            <option key={name} value={name}>
              {question}
            </option>
          ))}
        </select>
      </label>
      <label>
        Items{' '}
        <input
          type="number"
          min="1"
          max="10000"
          value={nItems}
          onInput={({ currentTarget: { value } }) => setNItems(Number(value))}
        />
      </label>
      <button>begin</button>
    </form>
  );
}

function Queue({ query }: { query: QueueQuery }) {
  const [queue, setQueue] = useState<ReviewQueue | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [given, setGiven] = useState<readonly string[]>([]);
  // Not a state: an answer may follow the last letter before the page is drawn anew.
  const note = useRef<HTMLTextAreaElement>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    readQueue(query).then(
      (answer) => {
        setQueue(answer);
        setGiven(answer.items.filter((item) => item.answer !== null).map(({ itemId }) => itemId));
      },
      (thrown: unknown) => {
        setProblem(String(thrown));
      },
    );
  }, [query]);
  const item = queue?.items.find(({ itemId }) => !given.includes(itemId));
  const keep = async (itemId: string, answer: string): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    try {
      const remark = note.current?.value.trim() ?? '';
      await giveAnswer(query, {
        itemId,
        answer,
        ...(remark === '' || answer === 'undo' ? {} : { note: remark }),
      });
      setGiven((before) =>
        answer === 'undo' ? before.filter((each) => each !== itemId) : [...before, itemId],
      );
      if (note.current) note.current.value = '';
      setProblem(null);
    } catch (thrown) {
      setProblem(`The answer was not kept: ${String(thrown)}`);
    } finally {
      setBusy(false);
    }
  };
  // In place as soon as what it is about is drawn, so that no key is lost.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest('textarea')) {
        if (event.key === 'Escape') target.blur();
        return;
      }
      const last = given.at(-1);
      const word = KEYS[event.key.toLowerCase()];
      if (event.key.toLowerCase() === 'u' && last !== undefined) void keep(last, 'undo');
      else if (event.key === '/') {
        event.preventDefault();
        document.querySelector('textarea')?.focus();
      } else if (item && word !== undefined && (word === 'skip' || queue?.words.includes(word)))
        void keep(item.itemId, word);
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  });
  if (!queue) return problem === null ? <p>loading…</p> : <p role="alert">{problem}</p>;
  return (
    <>
      {problem === null ? null : <p role="alert">{problem}</p>}
      <p>
        <progress max={queue.items.length} value={given.length} aria-label="Answered" />{' '}
        <span aria-live="polite">{`${given.length} of ${queue.items.length}`}</span>
      </p>
      {item ? (
        <Question item={item} question={queue.question} />
      ) : (
        <p>All items are answered. Thank you; you can close this page.</p>
      )}
      <p class="answers">
        {[...queue.words, 'skip'].map((word) => (
          <button key={word} disabled={!item || isBusy} onClick={() => item && void keep(item.itemId, word)}>
            {word} <kbd>{Object.keys(KEYS).find((key) => KEYS[key] === word)}</kbd>
          </button>
        ))}
        <button
          disabled={given.length === 0 || isBusy}
          onClick={() => {
            const last = given.at(-1);
            if (last !== undefined) void keep(last, 'undo');
          }}
        >
          undo <kbd>u</kbd>
        </button>
      </p>
      <label>
        Note <kbd>/</kbd> <textarea ref={note} rows={2} />
      </label>
    </>
  );
}

function Question({
  item: { instruction, responses, reasoning },
  question,
}: {
  item: AskedItem;
  question: string;
}) {
  return (
    <article class="details" aria-label="Question">
      <div class="field">
        <h4>Instruction</h4>
        <pre tabIndex={0}>{instruction}</pre>
      </div>
      {responses ? (
        <div class="columns">
          {responses.map((text, i) => (
            <div key={i} class="field">
              <h4>{i === 0 ? 'A' : 'B'}</h4>
              <pre tabIndex={0}>{text}</pre>
            </div>
          ))}
        </div>
      ) : null}
      {reasoning === null ? null : (
        <div class="field">
          <h4>Reasoning</h4>
          <pre tabIndex={0}>{reasoning}</pre>
        </div>
      )}
      <p>
        <strong>{question}</strong>
      </p>
    </article>
  );
}
