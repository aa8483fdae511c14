// One judgment: what the judge was shown, side by side, and what it said. All texts are of models; they are only ever text.
import { diffWordsWithSpace } from 'diff';
import { useEffect, useState } from 'preact/hooks';
import type { WholeJudgment } from '../../src/view/view-records.js';
import { readJudgment } from './api.js';

/** Longer texts are not compared word by word, which takes quadratic time. */
const MOST_COMPARED = 20_000;

export function JudgmentDetails({ run, row }: { run: string; row: number }) {
  const [judgment, setJudgment] = useState<WholeJudgment | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let isWanted = true;
    readJudgment(run, row).then(
      (answer) => {
        if (!isWanted) return;
        setJudgment(answer);
        setProblem(null);
      },
      (thrown: unknown) => {
        if (isWanted) setProblem(String(thrown));
      },
    );
    return () => {
      isWanted = false;
    };
  }, [run, row]);
  if (problem !== null) return <p role="alert">{problem}</p>;
  if (!judgment) return <p>loading…</p>;
  const { subject, source, order, verdict, outcome, texts } = judgment;
  return (
    <article class="details" aria-label={`Judgment of ${subject.id}`}>
      <h2>{subject.id}</h2>
      <p class="about">
        {subject.slice}, {subject.errorKind}; iteration {source.iteration}, {source.benchmark ?? source.kind};{' '}
        {order}
      </p>
      {texts.problem === null ? null : <p role="alert">{texts.problem}</p>}
      {texts.instruction === null ? null : <Field title="Instruction" text={texts.instruction} />}
      {texts.responses === null ? null : <Responses responses={texts.responses} />}
      {texts.thinking === null ? null : (
        <details>
          <summary>Thinking</summary>
          <pre>{texts.thinking}</pre>
        </details>
      )}
      <div class={`judgment ${outcome}`}>
        <h3>
          Judgment: <span class="verdict">{`${verdict}, ${outcome}`}</span>
        </h3>
        <pre tabIndex={0}>{texts.judgment}</pre>
      </div>
      {texts.prompt === null ? null : (
        <details>
          <summary>Prompt as sent</summary>
          {texts.prompt.map(({ role, content }, i) => (
            <Field key={i} title={role} text={content} />
          ))}
        </details>
      )}
    </article>
  );
}

function Field({ title, text }: { title: string; text: string }) {
  return (
    <div class="field">
      <h3>{title}</h3>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}

/** Both responses, what only one of them has marked. */
function Responses({
  responses: { A, B, winner },
}: {
  responses: { A: string; B: string; winner: 'A' | 'B' };
}) {
  const parts = A.length + B.length > MOST_COMPARED ? null : diffWordsWithSpace(A, B);
  const marked = (label: 'A' | 'B', text: string) =>
    parts === null
      ? text
      : parts
          .filter(({ added, removed }) => !(label === 'A' ? added : removed))
          .map(({ value, added, removed }, i) => (added || removed ? <mark key={i}>{value}</mark> : value));
  return (
    <div class="columns">
      {(['A', 'B'] as const).map((label) => (
        <div key={label} class={`field ${label === winner ? 'better' : ''}`}>
          <h3>
            {label}
            {label === winner ? ', the known winner' : ''}
          </h3>
          <pre tabIndex={0}>{marked(label, label === 'A' ? A : B)}</pre>
        </div>
      ))}
    </div>
  );
}
