// Where the thinking of a reasoning model ends in its completion, where the server left it in the text: what a judge considers on the way
// is no verdict, and what an answerer considers is no answer.

/** The marks of one family of models. */
interface ThinkingMarks {
  open: string;
  /** What ends the thinking; what follows is the answer. */
  close: string;
  /** Whether `open` may stand at the end of the chat template, so that a completion holds `close` alone. */
  isOpenedByTemplate: boolean;
}

/**
 * As the reasoning parsers of vLLM (vllm/reasoning) and llama.cpp (common/chat.cpp) name them, and the tags that prompts ask for.
 * Families that share tags are one entry.
 */
const MARKS: readonly ThinkingMarks[] = [
  // DeepSeek-R1, Qwen3, QwQ, GLM, MiniMax, Nemotron, OLMo 3 and most others.
  { open: '<think>', close: '</think>', isOpenedByTemplate: true },
  { open: '<thinking>', close: '</thinking>', isOpenedByTemplate: true },
  { open: '<thought>', close: '</thought>', isOpenedByTemplate: true },
  { open: '<reasoning>', close: '</reasoning>', isOpenedByTemplate: false },
  // Magistral.
  { open: '[THINK]', close: '[/THINK]', isOpenedByTemplate: true },
  // Seed-OSS.
  { open: '<seed:think>', close: '</seed:think>', isOpenedByTemplate: true },
  // Kimi.
  { open: '◁think▷', close: '◁/think▷', isOpenedByTemplate: true },
  // Command A.
  { open: '<|START_THINKING|>', close: '<|END_THINKING|>', isOpenedByTemplate: true },
  { open: '<|begin_of_thought|>', close: '<|end_of_thought|>', isOpenedByTemplate: false },
  // gpt-oss: thinking is the channel `analysis`, the answer the channel `final`.
  {
    open: '<|channel|>analysis<|message|>',
    close: '<|channel|>final<|message|>',
    isOpenedByTemplate: true,
  },
  // Granite.
  { open: 'Here is my thought process:', close: 'Here is my response:', isOpenedByTemplate: false },
];

/**
 * Where the answer starts, in UTF-16 units: 0 where there is no thinking, null where thinking has begun and does not end. A text that
 * mentions a tag later on, as a judgment of such an answer may, is no thinking; a tag that only ends is, since a chat template may have
 * begun it. Several blocks, one right after the other, are one thinking. Linear in the length of the text.
 */
export function answerStart(text: string): number | null {
  let start = 0;
  for (;;) {
    const from = start + blanksAt(text, start);
    const opened = MARKS.find(({ open }) => text.startsWith(open, from));
    if (opened === undefined) break;
    const end = text.indexOf(opened.close, from + opened.open.length);
    if (end === -1) return null;
    start = end + opened.close.length;
  }
  return start > 0 ? start : endOfUnopened(text);
}

/** The text without its thinking; null where the thinking does not end. */
export function withoutThinking(text: string): string | null {
  const start = answerStart(text);
  return start === null ? null : text.slice(start);
}

function endOfUnopened(text: string): number {
  for (const { open, close, isOpenedByTemplate } of MARKS) {
    if (!isOpenedByTemplate) continue;
    const end = text.indexOf(close);
    if (end !== -1 && !text.slice(0, end).includes(open)) return end + close.length;
  }
  return 0;
}

function blanksAt(text: string, start: number): number {
  BLANKS.lastIndex = start;
  return BLANKS.exec(text)?.[0].length ?? 0;
}
const BLANKS = /\s*/y;
