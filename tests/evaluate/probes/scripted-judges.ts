// Judges with known shortcuts, and eight pairs whose right response any judge can see.
import assert from 'node:assert/strict';
import { evaluateJudge, judgeAudit, probedItems, probeJudge } from '../../../lib/src/evaluate/index.js';
import { compilePack, probesOf, type PackDefinition } from '../../../lib/src/prompt/index.js';
import { mtBenchPack } from '../../../lib/src/prompt/mt-bench.js';
import type { BenchmarkItem, JudgeAudit, ProbedItem } from '../../../lib/src/schema/index.js';
import { collect, NEVER, scriptedModel } from '../../fixtures/scripted-endpoint.js';

export interface Shown {
  instruction: string;
  a: string;
  b: string;
}
export type ScriptedJudge = (shown: Shown) => string;

const definition: PackDefinition = {
  ...mtBenchPack,
  name: 'shown',
  judge: {
    messages: [{ role: 'user', content: '{{instruction}}¦{{responseA}}¦{{responseB}}' }],
    parse: 'strict',
  },
};
export const pack = compilePack(definition);

/** Right and wrong are equally long. */
export const items: BenchmarkItem[] = Array.from({ length: 8 }, (_, i) => ({
  itemId: `item-${i}`,
  instruction: `task ${i}`,
  slice: i < 6 ? 'math' : 'code',
  errorKind: 'random',
  winner: `right ${i}`,
  loser: `wrong ${i}`,
}));

const A = '[[A]]';
const B = '[[B]]';
const TIE = '[[C]]';

/** The response for which a mark speaks, where it speaks for one alone. */
function told({ a, b }: Shown, mark: RegExp): string | null {
  return mark.test(a) === mark.test(b) ? null : mark.test(a) ? A : B;
}

/** Needs the instruction, and sees nothing but what is right. */
const perfect: ScriptedJudge = (shown) =>
  shown.instruction.startsWith('task') ? (told(shown, /right \d/) ?? TIE) : TIE;

export const judges = {
  perfect,
  longer: ({ a, b }) => (a.length >= b.length ? A : B),
  first: () => A,
  obedient: (shown) => /\[\[[AB]\]\]/.exec(`${shown.a} ${shown.b}`)?.[0] ?? perfect(shown),
  /** Needs no instruction. */
  blind: (shown) => told(shown, /right \d/) ?? TIE,
  awed: (shown) => told(shown, /professors|standard/) ?? perfect(shown),
  silent: () => 'I cannot tell.',
} satisfies Record<string, ScriptedJudge>;

/** A model that judges so. */
export function modelOf(judge: ScriptedJudge): ReturnType<typeof scriptedModel> {
  return scriptedModel((prompt, { nSamples }) => {
    const [instruction = '', a = '', b = ''] = prompt.split('¦');
    return Array.from({ length: nSamples }, () => judge({ instruction, a, b }));
  });
}

export const plan = { probes: probesOf(pack, {}), nPairs: 8, seed: 1 };
const options = { pack, model: 'judge', maxTokens: 8, seed: 1, signal: NEVER };

export async function recordsOf(judge: ScriptedJudge): Promise<ProbedItem[]> {
  const { chatModel } = modelOf(judge);
  const outcomes = await collect(probeJudge(probedItems(items, plan), { ...options, chatModel }));
  return outcomes.map((outcome) => {
    assert.ok(outcome.kind === 'kept');
    return outcome.record;
  });
}

export async function auditOf(judge: ScriptedJudge, ofSeed?: ProbedItem[]): Promise<JudgeAudit> {
  return judgeAudit(await recordsOf(judge), ofSeed && { ofSeed });
}

/** Evaluates, then audits, one judge over one completion store; how many requests either sends. */
export async function requestsOf(probes: typeof plan.probes): Promise<{ evaluation: number; audit: number }> {
  const { chatModel, endpoint } = modelOf(judges.perfect);
  const asked = {
    ...options,
    chatModel,
    vote: { samples: 2, temperature: 1, topP: 1, maxTokens: 8 },
    topLogprobs: 3,
  };
  await collect(evaluateJudge(items, asked));
  const evaluation = endpoint.requests.length;
  await collect(
    probeJudge(probedItems(items, { ...plan, probes }), {
      ...asked,
      method: 'single-grading',
      orders: 'one',
    }),
  );
  return { evaluation, audit: endpoint.requests.length - evaluation };
}
