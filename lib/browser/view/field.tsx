// Texts of models and people under their titles; they are only ever text.
import { visibleText } from '../../src/core/text.js';

/** A text whose control characters and marks of direction stand as signs. */
export function Text({ text }: { text: string }) {
  return <pre tabIndex={0}>{visibleText(text)}</pre>;
}

export function Field({ title, text }: { title: string; text: string }) {
  return (
    <div class="field">
      <h3>{title}</h3>
      <Text text={text} />
    </div>
  );
}
