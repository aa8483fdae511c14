// What a judgment took in tokens and US dollars: estimated, since only the sums of a stage are recorded.
import { chosenIterations, type ExperimentConfig } from '../experiment/index.js';
import { Prices } from '../model/index.js';
import type { Usage } from '../schema/usage.js';
import type { JudgmentCatalogue } from './judgment-catalogue.js';
import type { CataloguedJudgment, JudgmentSource, JudgmentTexts, JudgmentUsage } from './view-records.js';

/** Judgments of a stage whose characters are counted, at most; spread evenly over it. */
const MOST_COUNTED = 100;

/** The judge of a stage, what it used, and the mean characters of its texts. */
interface StageMeans {
  model: string;
  usage: Usage;
  promptCharacters: number;
  judgmentCharacters: number;
  nCounted: number;
}

/** A run, and what reads its texts. */
interface RunOfJudgments {
  path: string;
  config: ExperimentConfig;
  catalogue: JudgmentCatalogue;
  read: (judgment: CataloguedJudgment) => Promise<JudgmentTexts>;
}

/** Estimates what the judgments of a run took. */
export class UsageEstimates {
  readonly #of: RunOfJudgments;
  readonly #stages = new Map<JudgmentSource, Promise<StageMeans | null>>();

  constructor(of: RunOfJudgments) {
    this.#of = of;
  }

  /**
   * Tokens in proportion to characters: a judgment's share of what its stage used. null where the stage used nothing that is known, since
   * all of its completions came from the store, or its texts were not kept.
   */
  async of({ source }: CataloguedJudgment, texts: JudgmentTexts): Promise<JudgmentUsage | null> {
    const means = this.#stages.get(source) ?? this.#meansOf(source);
    this.#stages.set(source, means);
    const stage = await means;
    if (!stage || texts.prompt === null) return null;
    const { promptCharacters, judgmentCharacters, nCounted, usage, model } = stage;
    const { prompt, judgment } = charactersOf(texts);
    const promptTokens = (usage.promptTokens / usage.requests) * (prompt / promptCharacters);
    const completionTokens = (usage.completionTokens / usage.completions) * (judgment / judgmentCharacters);
    const sharedBy = source.kind === 'training' ? Math.max(1, usage.completions / usage.requests) : 1;
    const prices = new Prices(this.#of.config.prices, {
      isBatch: this.#of.config.endpoint.batch !== undefined,
    });
    const costUsd = prices.costUsdOf(model, { promptTokens: promptTokens / sharedBy, completionTokens });
    return { promptTokens, completionTokens, sharedBy, costUsd, nStage: usage.completions, nCounted };
  }

  async #meansOf(source: JudgmentSource): Promise<StageMeans | null> {
    const { path, catalogue, read } = this.#of;
    const [{ manifest }] = await chosenIterations(path, String(source.iteration));
    const isHeldOut = source.kind === 'held-out';
    const { usage } =
      manifest.stages.find(
        ({ stage, benchmark }) =>
          stage === (isHeldOut ? 'evaluate' : 'judge') && benchmark === source.benchmark,
      ) ?? {};
    const number = catalogue.sources.indexOf(source);
    const rows = catalogue.columns.source.flatMap((of, row) => (of === number ? [row] : []));
    const nCounted = Math.min(MOST_COUNTED, rows.length);
    const sum = { prompt: 0, judgment: 0 };
    for (let i = 0; i < nCounted; i++) {
      const row = rows[Math.floor((i * rows.length) / nCounted)] ?? 0;
      const { prompt, judgment } = charactersOf(await read(catalogue.at(row)));
      sum.prompt += prompt;
      sum.judgment += judgment;
    }
    const used = usage && [usage.requests, usage.completions, usage.promptTokens, usage.completionTokens];
    if (!used || [...used, sum.prompt, sum.judgment].includes(0)) return null;
    return {
      model: isHeldOut ? manifest.resultModel : manifest.judgeModel,
      usage,
      promptCharacters: sum.prompt / nCounted,
      judgmentCharacters: sum.judgment / nCounted,
      nCounted,
    };
  }
}

function charactersOf({ prompt, thinking, judgment }: JudgmentTexts): { prompt: number; judgment: number } {
  return {
    prompt: (prompt ?? []).reduce((sum, { content }) => sum + content.length, 0),
    judgment: (thinking ?? '').length + judgment.length,
  };
}
