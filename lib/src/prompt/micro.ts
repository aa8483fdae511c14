// The pack for the embedded model, whose language has a few dozen words; its model card describes it.
import { MICRO_PROBES, MICRO_WORKED_PROBES } from './micro-probes.js';
import type { PackDefinition } from './pack.js';

/**
 * The judge sees each response followed by its label, then the instruction, works the answer out again and looks up which label
 * follows it. There is no selection prompt: the embedded model's instructions come with their slice.
 */
export const microPack: PackDefinition = {
  name: 'micro',
  answer: {
    messages: [{ role: 'user', content: 'answer {{instruction}}' }],
    parse: { rule: 'after-last', marker: '=' },
  },
  modifiedInstruction: {
    messages: [{ role: 'user', content: 'modify {{instruction}}' }],
    parse: { rule: 'whole' },
  },
  judge: {
    messages: [{ role: 'user', content: 'judge {{responseA}} [[A]] {{responseB}} [[B]] {{instruction}}' }],
    parse: 'strict',
  },
  probes: MICRO_PROBES,
};

/** The same with whole answers, work included, as responses: texts of several words, which have a length and a look. */
export const microWorkedPack: PackDefinition = {
  ...microPack,
  name: 'micro-worked',
  probes: MICRO_WORKED_PROBES,
  answer: { ...microPack.answer, parse: { rule: 'whole' } },
};
