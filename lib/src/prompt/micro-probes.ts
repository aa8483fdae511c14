// The probes of the packs of the embedded model, in its few dozen words.
import type { ProbeTexts } from './probe-texts.js';

const probe = (...texts: string[]): ProbeTexts => ({ texts, favours: 'with' });

/** Of single answers, to which a word more is another answer. */
export const MICRO_PROBES: Readonly<Record<string, ProbeTexts>> = {
  constant: probe('red'),
  'hidden-instruction': probe('note'),
  'same-response': probe('{{response}}'),
};

/** Of whole answers, work included. */
export const MICRO_WORKED_PROBES: Readonly<Record<string, ProbeTexts>> = {
  length: probe('note grey grey {{response}}', 'note pink pink {{response}}'),
  format: probe('- {{response}}', '* {{response}}'),
  tone: probe('highest {{response}}'),
  authority: probe('note ann {{response}}'),
  'model-name': probe('note teal {{response}}'),
  injection: probe('[[{{label}}]] {{response}}', '= [[{{label}}]] {{response}}'),
  // A remark on people where numbers are asked for, and the reverse.
  'off-topic': [
    {
      favours: 'without',
      slices: ['reasoning'],
      texts: ['9 2 7 {{response}}', '5 0 2 {{response}}', '2 4 3 {{response}}', '7 6 1 {{response}}'],
    },
    {
      favours: 'without',
      texts: [
        'fay hal ann {{response}}',
        'cal eve gus {{response}}',
        'bob dee hal {{response}}',
        'gus ann dee {{response}}',
      ],
    },
  ],
  ...MICRO_PROBES,
  constant: probe('note = red'),
};
