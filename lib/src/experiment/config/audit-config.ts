// The audit of judges, in an experiment file: which probes are tried on them, and what a red check does.
import { z } from 'zod';
import { assessmentLimitsSchema } from '../../assess/index.js';
import { int, section, unionProblem } from '../../core/config-section.js';
import { probeSettingsSchema } from '../../prompt/index.js';

export const auditSchema = section(
  {
    pairs: int(10, 100_000).default(100),
    seed: int(0).default(1),
    probes: z.union([z.literal('none'), probeSettingsSchema], { error: unionProblem }).default({}),
    gate: z.enum(['warn', 'stop']).default('warn'),
    limits: assessmentLimitsSchema.prefault({}),
  },
  {
    pairs:
      'Held-out pairs that probes are tried on, drawn by slice from the benchmark whose figures stand first. It bounds the cost: a judge is asked 4 times a pair and probe that adds something to a response, once or twice for another; autodidact plan counts it.',
    seed: 'Seed of that draw, and of the texts of probes.',
    probes: [
      'Probes beside those of the pack, by name; null leaves one of the pack out; none: no judge is asked, and only what is known without is assessed.',
      { thanks: { texts: ['{{response}} I hope that this helps.'] }, authority: null },
    ],
    gate: 'What a red check of a training set or of a trained judge does. warn: the run goes on; stop: it ends before it trains on, and goes on after autodidact run --accept "reason".',
    limits: 'Where checks become amber and red.',
  },
);
/** An audit of judges. */
export type AuditConfig = z.output<typeof auditSchema>;
