// One judgment: what the judge was shown, side by side, and what it said. All texts are of models; they are only ever text.
import { diffWordsWithSpace } from 'diff';
import { visibleText } from '../../src/core/text.js';
import { counted, usd } from '../../src/report/format.js';
import type { JudgmentUsage, WholeJudgment } from '../../src/view/view-records.js';
import { readJudgment } from './api.js';
import { Field, Text } from './field.js';
import { useAnswer } from './use-answer.js';

/** Longer texts are not compared word by word, which takes quadratic time. */
const MOST_COMPARED = 20_000;

export function JudgmentDetails({ run, row }: { run: string; row: number }) {
  const { answer: judgment, problem } = useAnswer(JSON.stringify([run, row]), () => readJudgment(run, row));
  if (problem !== null) return <p role="alert">{problem}</p>;
  if (!judgment) return <p>loading…</p>;
  const { subject, source, order, texts } = judgment;
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
      <JudgmentText judgment={judgment} />
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

/** What the judge said, its thinking folded, and what that took. */
export function JudgmentText({ judgment: { verdict, outcome, texts, usage } }: { judgment: WholeJudgment }) {
  return (
    <>
      {texts.thinking === null ? null : (
        <details>
          <summary>Thinking</summary>
          <Text text={texts.thinking} />
        </details>
      )}
      <div class={`judgment ${outcome}`}>
        <h3>
          Judgment: <span class="verdict">{`${verdict}, ${outcome}`}</span>
        </h3>
        <Text text={texts.judgment} />
      </div>
      {usage === null ? null : <p class="about">{usageWords(usage)}</p>}
    </>
  );
}

function usageWords({
  promptTokens,
  completionTokens,
  sharedBy,
  costUsd,
  nStage,
  nCounted,
}: JudgmentUsage): string {
  const tokens = (n: number): string => counted(Math.round(n), 'token');
  const shared = sharedBy > 1 ? `, sent once for about ${Math.round(sharedBy)} judgments` : '';
  const cost = costUsd === null ? '' : `; about ${usd(costUsd)} by the prices of the experiment`;
  const basis = `the tokens that the server counted for ${counted(nStage, 'completion')} of this stage, by the characters of ${counted(nCounted, 'judgment')}`;
  return `About ${tokens(promptTokens)} of prompt${shared}, and about ${tokens(completionTokens)} of judgment${cost}. Estimated from ${basis}.`;
}

/** Both responses, what only one of them has marked. */
export function Responses({
  responses: { winner, ...texts },
}: {
  responses: { A: string; B: string; winner: 'A' | 'B' };
}) {
  const [A, B] = [visibleText(texts.A), visibleText(texts.B)];
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
