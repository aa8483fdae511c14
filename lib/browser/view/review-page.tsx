// The queue of one reviewer: blind, by the keyboard alone; each answer is kept before the next item is shown.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AskedItem, ReviewQueue } from '../../src/view/view-records.js';
import { giveAnswer, listRuns, readQueue } from './api.js';
import { Field } from './field.js';
import { hashOf, type Place, type QueueQuery } from './filter.js';
import { NoSuchRun } from './list-controls.js';
import { SHARED } from './shared.js';
import { useKeys } from './steps.js';
import { useAnswer } from './use-answer.js';

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

type ReviewPlace = Extract<Place, { page: 'review' }>;

export function ReviewPage({ place }: { place: ReviewPlace }) {
  const { run, stage, nItems, reviewer } = place;
  const query =
    stage !== undefined && nItems !== undefined && reviewer !== undefined
      ? { run, stage, nItems, reviewer }
      : null;
  return (
    <>
      <h1>
        Review <small>{run}</small>
      </h1>
      {query ? <Queue key={JSON.stringify(query)} query={query} /> : <Begin place={place} />}
    </>
  );
}

function Begin({ place }: { place: ReviewPlace }) {
  const [stage, setStage] = useState(place.stage ?? 'generate');
  const [reviewer, setReviewer] = useState('');
  const [nItems, setNItems] = useState(place.nItems ?? 50);
  const { answer: listed } = useAnswer('runs', listRuns);
  const missing = NoSuchRun({ run: place.run, listed });
  if (missing) return missing;
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        location.hash = hashOf({ ...place, stage, nItems, reviewer: reviewer.trim() });
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
  const notes = useRef(new Map<string, string>());
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    readQueue(query).then(
      (answer) => {
        setQueue(answer);
        setGiven(answer.given);
        for (const each of answer.items) notes.current.set(each.itemId, each.note ?? '');
      },
      (thrown: unknown) => {
        setProblem(String(thrown));
      },
    );
  }, [JSON.stringify(query)]);
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
      // What was taken back is not lost with its answer.
      if (answer !== 'undo') notes.current.set(itemId, remark);
      if (note.current) note.current.value = answer === 'undo' ? (notes.current.get(itemId) ?? '') : '';
      setProblem(null);
    } catch (thrown) {
      setProblem(`The answer was not kept: ${String(thrown)}`);
    } finally {
      setBusy(false);
    }
  };
  const last = given.at(-1);
  useKeys((event) => {
    const word = KEYS[event.key.toLowerCase()];
    if (event.key === '/') {
      event.preventDefault();
      note.current?.focus();
      // A key that is held down answers one question, not all that follow.
    } else if (event.repeat) return;
    else if (event.key.toLowerCase() === 'u' && last !== undefined) void keep(last, 'undo');
    else if (item && word !== undefined && (word === 'skip' || queue?.words.includes(word)))
      void keep(item.itemId, word);
  });
  if (!queue) return problem === null ? <p>loading…</p> : <p role="alert">{problem}</p>;
  const nItems = queue.items.length;
  const others = Object.entries(queue.reviewers).filter(([name]) => name !== query.reviewer);
  const progress = (
    <p class="progress">
      <progress max={nItems} value={given.length} aria-label="Answered" />{' '}
      <strong aria-live="polite">{`${given.length} of ${nItems}`}</strong> by {query.reviewer}
      {others.map(([name, n]) => `, ${n} by ${name}`)}
    </p>
  );
  if (SHARED)
    return (
      <>
        {progress}
        {queue.items.map((each) => (
          <section key={each.itemId}>
            <Question item={each} question={queue.question} />
            <p>
              Answer: <strong>{each.answer ?? 'none yet'}</strong>
              {each.note === null ? null : `. Note: ${each.note}`}
            </p>
          </section>
        ))}
      </>
    );
  return (
    <>
      {problem === null ? null : <p role="alert">{problem}</p>}
      {progress}
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
          onClick={() => last !== undefined && void keep(last, 'undo')}
        >
          undo <kbd>u</kbd>
        </button>
      </p>
      <label class="note">
        Note <kbd>/</kbd>{' '}
        <textarea
          ref={note}
          rows={2}
          onKeyDown={({ key, currentTarget }) => key === 'Escape' && currentTarget.blur()}
        />
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
      <h2>{question}</h2>
      <Field title="Instruction" text={instruction} />
      {responses ? (
        <div class="columns">
          {responses.map((text, i) => (
            <Field key={i} title={i === 0 ? 'A' : 'B'} text={text} />
          ))}
        </div>
      ) : null}
      {reasoning === null ? null : <Field title="Reasoning" text={reasoning} />}
    </article>
  );
}
