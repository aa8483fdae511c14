// One item of a comparison: what both judges were shown, and what each said of it. All texts are of models; they are only ever text.
import { SHOWN_ORDERS, type ComparedItem, type ComparedJudges } from '../../src/view/compare-records.js';
import { readJudgment } from './api.js';
import { Field } from './field.js';
import { hashOf, type ComparePlace } from './filter.js';
import { JudgmentText, Responses } from './judgment-details.js';
import { SHARED } from './shared.js';
import { useAnswer } from './use-answer.js';

export function CompareDetails({
  place,
  answer,
  item: { item, subject, a, b },
}: {
  place: ComparePlace;
  answer: ComparedJudges;
  item: ComparedItem;
}) {
  const { order } = place;
  const wanted = [
    { side: answer.a, row: a.find((each) => each.order === order)?.row },
    { side: answer.b, row: b.find((each) => each.order === order)?.row },
  ];
  const question = JSON.stringify(wanted.map(({ side, row }) => [side.run, row ?? null]));
  const {
    answer: read,
    isCurrent,
    problem,
  } = useAnswer(question, () =>
    Promise.all(wanted.map(({ side, row }) => (row === undefined ? null : readJudgment(side.run, row)))),
  );
  // Those of the item before, dimmed, until these are there.
  const judgments = (problem === null && read) || [];
  const texts = judgments.map((judgment) => judgment?.texts);
  const { instruction, responses } = texts.find((each) => each?.responses) ?? {};
  return (
    <article class="details" aria-label={`Item ${subject.id}`} aria-busy={!isCurrent}>
      <h2>{subject.id}</h2>
      <p class="about">
        {subject.slice}, {subject.errorKind}
      </p>
      <p class="links">
        {SHOWN_ORDERS.map((each) => (
          <a
            key={each}
            href={hashOf({ ...place, row: item, order: each })}
            aria-current={each === order ? 'true' : undefined}
          >
            {each}
          </a>
        ))}{' '}
        <span>
          <kbd>o</kbd> changes the order, <kbd>j</kbd> and <kbd>k</kbd> the item
        </span>
      </p>
      {problem === null ? null : <p role="alert">{problem}</p>}
      {instruction == null ? null : <Field title="Instruction" text={instruction} />}
      {responses ? <Responses responses={responses} /> : null}
      <div class="columns">
        {wanted.map(({ side, row }, i) => {
          const judgment = judgments[i];
          return (
            <section key={i} aria-label={`Judge ${i + 1}`}>
              <h3>
                {`Judge ${i + 1} `}
                <small>{`${side.run}, iteration ${side.iteration}`}</small>
              </h3>
              {judgment?.texts.problem == null ? null : <p role="alert">{judgment.texts.problem}</p>}
              {row === undefined ? (
                <p>It was not asked in this order.</p>
              ) : judgment ? (
                <>
                  <JudgmentText judgment={judgment} />
                  {SHARED ? null : (
                    <p>
                      <a
                        href={hashOf({
                          page: 'judgments',
                          run: side.run,
                          filter: { subject: subject.id },
                          offset: 0,
                          row,
                        })}
                      >
                        all judgments of this pair
                      </a>
                    </p>
                  )}
                </>
              ) : null}
            </section>
          );
        })}
      </div>
    </article>
  );
}
