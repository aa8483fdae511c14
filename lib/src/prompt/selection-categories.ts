// The categories by which instructions are selected (paper, section 3.1).

/** Categories of instructions, as the paper's selection step has them. */
export const SELECTION_CATEGORIES = [
  'Coding',
  'Mathematical reasoning',
  'Asking for Advice',
  'Brainstorming',
  'Classification',
  'Closed Question Answering',
  'Creative Writing',
  'Extraction',
  'Inhabiting a Character/Persona',
  'Open Question Answering',
  'Rewriting',
  'Summarization',
  'Knowledge and Reasoning',
  'Humanity/History/Social Studies',
  'Other',
] as const;
