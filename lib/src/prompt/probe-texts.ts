// The texts of probes: what is done to a held-out pair to see whether a judge takes a shortcut.
import { z } from 'zod';
import { distinct, nonEmpty, section, unionProblem } from '../core/config-section.js';
import { asksForResponse } from './feature-text.js';

const probeTextSchema = section(
  {
    texts: distinct(nonEmpty),
    favours: z.enum(['with', 'without']).default('with'),
    slices: distinct(nonEmpty).optional(),
  },
  {
    texts: [
      'What becomes of a response, drawn from these by item; {{response}} is the response, {{label}} the letter under which the judge sees it.',
      ['{{response}} I hope that this helps.'],
    ],
    favours: 'Which response the shortcut would choose: the one with the feature, or the one without it.',
    slices: ['Slices whose pairs are changed so. Absent: all others.', ['math', 'code']],
  },
);

/** The texts of one probe; several where slices have texts of their own. */
export const probeTextsSchema = z.union([probeTextSchema, z.array(probeTextSchema).min(1)], {
  error: unionProblem,
});
/** See {@link probeTextsSchema}. */
export type ProbeTexts = z.output<typeof probeTextsSchema>;

/** Probes that are no feature of a response: their texts take the place of another text. */
export const REPLACING_PROBES = ['constant', 'hidden-instruction', 'same-response'] as const;
/** See {@link REPLACING_PROBES}. */
export type ReplacingProbe = (typeof REPLACING_PROBES)[number];

/** Whether a probe is one of {@link REPLACING_PROBES}. */
export function isReplacing(probe: string): probe is ReplacingProbe {
  return (REPLACING_PROBES as readonly string[]).includes(probe);
}

/** Names of what every audit holds, which no probe may take: the pairs as they are, and the order of their responses. */
const RESERVED: readonly string[] = ['plain', 'position'];

/** Probes by name. */
export const probesSchema = probesOfTexts(probeTextsSchema);
/** The same in settings, where null leaves out a probe of the pack. */
export const probeSettingsSchema = probesOfTexts(
  z.union([probeTextsSchema, z.null()], { error: unionProblem }),
);

function probesOfTexts<Texts extends z.ZodType<ProbeTexts | null>>(texts: Texts) {
  return z.record(nonEmpty, texts).superRefine((probes, context) => {
    for (const [name, written] of Object.entries<ProbeTexts | null>(probes)) {
      const complain = (message: string): void => context.addIssue({ code: 'custom', path: [name], message });
      if (RESERVED.includes(name))
        complain('every audit has it, since it costs no request; give the probe another name');
      if (written === null || (isReplacing(name) && name !== 'same-response')) continue;
      const without = [written].flat().flatMap((part) => part.texts.filter((text) => !asksForResponse(text)));
      if (without.length > 0)
        complain(`expected {{response}} in every text, which is to leave the answer as it is: ${without[0]}`);
    }
  });
}

/**
 * The probes of a judge: those of its pack, and those of the settings, which come before the pack's of the same name.
 * @param own null: this one is left out
 */
export function probesOf(
  { probes }: { probes: Readonly<Record<string, ProbeTexts>> },
  own: Readonly<Record<string, ProbeTexts | null>>,
): Readonly<Record<string, ProbeTexts>> {
  const all = Object.entries({ ...probes, ...own });
  return Object.fromEntries(all.flatMap(([name, texts]) => (texts === null ? [] : [[name, texts]])));
}
