// MT-Bench (Zheng et al. 2023, arXiv 2306.05685; https://github.com/lm-sys/FastChat, llm_judge): pairs of two-turn conversations with votes of
// people, and how often a judge agrees with them.
import { z } from 'zod';
import type { Row } from '../../datasets/index.js';
import type { Outcome } from '../../schema/drop.js';
import type { Gold } from '../../schema/recorded-judgment.js';
import type { Figures } from '../../schema/scoring.js';
import { mtBenchItemId } from '../recorded/mt-bench-format.js';
import { parseRow, UnusableRow } from '../recorded/recorded-format.js';
import { ShareCounter } from '../../core/statistics/share-counter.js';
import { namedBy, reasonIn, type HumanVotes, type VerdictTable } from '../verdict-table.js';
import { majority } from '../votes.js';
import type { Benchmark, GoldItem, ItemsPlace } from './benchmark.js';
import { namedPairs } from './figures.js';
import { itemOfPair, outcomeOf, outcomeOfRow } from './item-rows.js';

/** Categories whose questions come with a reference answer. */
const REFERENCE_CATEGORIES: readonly string[] = ['math', 'reasoning', 'coding'];

const QUESTIONS = 'question.jsonl';
const REFERENCES = 'gpt-4.jsonl';

const messageSchema = z.looseObject({ role: z.string(), content: z.string() });
const voteSchema = z.looseObject({
  question_id: z.union([z.int(), z.string()]),
  model_a: z.string(),
  model_b: z.string(),
  winner: z.string(),
  judge: z.string().optional(),
  turn: z.int().min(1).max(2),
  conversation_a: z.array(messageSchema),
  conversation_b: z.array(messageSchema),
});
const questionSchema = z.looseObject({
  question_id: z.union([z.int(), z.string()]),
  category: z.string(),
});
const referenceSchema = z.looseObject({
  question_id: z.union([z.int(), z.string()]),
  choices: z.array(z.looseObject({ turns: z.array(z.string()) })).min(1),
});

export const mtBench: Benchmark = {
  name: 'mt-bench',
  title: 'MT-Bench',
  source:
    'arXiv 2306.05685; github.com/lm-sys/FastChat, fastchat/llm_judge/common.py and compute_agreement.py',
  itemFiles: [{ dataset: 'mt-bench-human', file: /human-/ }],
  subsetBy: 'errorKind',
  companions: [
    { dataset: 'mt-bench', file: QUESTIONS },
    { dataset: 'mt-bench', file: REFERENCES },
  ],
  items: itemsOfVotes,
  publishes: 'the agreement with single votes of people, of which a pair has several',
  figuresOf: agreementFigures,
};

interface VotedPair {
  /** The question: all pairs of models and both turns on it are one cluster. */
  cluster: string;
  item: Omit<Parameters<typeof itemOfPair>[0], 'gold'>;
  votes: Record<Gold, number>;
}

/**
 * Votes of experts on the same question, models and turn are one item, whichever model was listed first; its gold label is their
 * majority.
 */
async function* itemsOfVotes(
  rows: AsyncIterable<Row>,
  { companion }: ItemsPlace,
): AsyncGenerator<Outcome<GoldItem>> {
  const categories = await byQuestion(companion(QUESTIONS), questionSchema);
  const references = await byQuestion(companion(REFERENCES), referenceSchema);
  const pairs = new Map<string, VotedPair>();
  for await (const row of rows) {
    const outcome = outcomeOfRow(row, (fields) => {
      addVote(parseRow(voteSchema, fields), { pairs, categories, references });
    });
    if (outcome.kind === 'dropped') yield outcome;
  }
  for (const { item, cluster, votes } of pairs.values())
    yield outcomeOf(item.itemId, () => ({
      ...itemOfPair({ ...item, gold: majorityOf(votes) }),
      cluster,
      humanVotes: votes,
    }));
}

interface Gathered {
  pairs: Map<string, VotedPair>;
  categories: ReadonlyMap<string, z.output<typeof questionSchema>>;
  references: ReadonlyMap<string, z.output<typeof referenceSchema>>;
}

function addVote(vote: z.output<typeof voteSchema>, { pairs, categories, references }: Gathered): void {
  const { question_id, model_a, model_b, turn } = vote;
  const id = (model_1: string, model_2: string): string =>
    mtBenchItemId({ question_id, model_1, model_2, turn });
  const known = pairs.get(id(model_a, model_b));
  const reverse = known ? undefined : pairs.get(id(model_b, model_a));
  // FastChat's labels: the name of a side, or one of several kinds of ties.
  const voted: Gold = vote.winner === 'model_a' ? 'first' : vote.winner === 'model_b' ? 'second' : 'tie';
  if (voted === 'tie' && !vote.winner.startsWith('tie'))
    throw new UnusableRow('wrong-shape', `winner: "${vote.winner}"`);
  // compute_agreement.py uses the votes of experts only, not those of the authors or of GPT-4.
  if (vote.judge !== undefined && !vote.judge.startsWith('expert'))
    throw new UnusableRow('no-expert', `a vote of ${vote.judge}`);
  if (reverse) {
    reverse.votes[voted === 'tie' ? 'tie' : voted === 'first' ? 'second' : 'first']++;
    return;
  }
  if (known) {
    known.votes[voted]++;
    return;
  }
  const category = categories.get(String(question_id))?.category;
  const turns = references.get(String(question_id))?.choices[0]?.turns.slice(0, turn) ?? [];
  const votes = { first: 0, second: 0, tie: 0 };
  votes[voted]++;
  const instructions = textsOf(vote.conversation_a, 'user').slice(0, turn);
  const first = textsOf(vote.conversation_a, 'assistant').slice(0, turn);
  const second = textsOf(vote.conversation_b, 'assistant').slice(0, turn);
  if ([instructions, first, second].some(({ length }) => length < turn))
    throw new UnusableRow('missing-turn', `a conversation of fewer than ${turn} turns`);
  pairs.set(id(model_a, model_b), {
    cluster: String(question_id),
    item: {
      itemId: id(model_a, model_b),
      instruction: turnsAsText(instructions),
      slice: category ?? 'all',
      errorKind: `turn ${turn}`,
      first: turnsAsText(first),
      second: turnsAsText(second),
      models: [model_a, model_b],
      reference:
        turns.length > 0 && category && REFERENCE_CATEGORIES.includes(category)
          ? turnsAsText(turns)
          : undefined,
    },
    votes,
  });
}

/** The label with most votes, or a tie where two have as many. */
function majorityOf(votes: HumanVotes): Gold {
  const { kind } = majority({ A: votes.first, B: votes.second, tie: votes.tie, unparsed: 0 });
  return namedBy(kind, 'given') ?? 'tie';
}

function textsOf(conversation: readonly z.output<typeof messageSchema>[], role: string): string[] {
  return conversation.filter((message) => message.role === role).map(({ content }) => content);
}

/** One turn unchanged; two under headings, since a judge sees them as one text. */
function turnsAsText(turns: readonly string[]): string {
  if (turns.length === 1) return turns[0] ?? '';
  return turns.map((text, i) => `### Turn ${i + 1}\n${text}`).join('\n\n');
}

/** The valid rows of a companion file by their question. */
async function byQuestion<Schema extends z.ZodType<{ question_id: number | string }>>(
  rows: AsyncIterable<Row> | null,
  schema: Schema,
): Promise<Map<string, z.output<Schema>>> {
  const found = new Map<string, z.output<Schema>>();
  for await (const row of rows ?? []) {
    const parsed = 'row' in row ? schema.safeParse(row.row) : null;
    if (parsed?.success) found.set(String(parsed.data.question_id), parsed.data);
  }
  return found;
}

/**
 * Agreement with human votes, one observation per vote: with ties (contradicting orders count as a tie), and without (only votes and
 * verdicts that name a side).
 */
function agreementFigures(table: VerdictTable): Figures {
  const withTies = new ShareCounter();
  const withoutTies = new ShareCounter();
  for (const { named, index } of namedPairs(table)) {
    const votes = table.humanVotesOf(index);
    if (!votes) continue;
    const nVotes = votes.first + votes.second + votes.tie;
    const [given, swapped] = named;
    if (given === null || given === undefined || swapped === null || swapped === undefined) {
      const missing = given == null ? 'given' : 'swapped';
      const reason = named.includes(undefined)
        ? 'one-order-missing'
        : reasonIn(table.unparsedOf(index, missing));
      withTies.addUnscored({ [reason]: nVotes });
      withoutTies.addUnscored({ [reason]: nVotes - votes.tie });
      continue;
    }
    const winner = given === swapped ? given : 'tie';
    const of = { cluster: table.clusterOf(index) };
    withTies.add({ sum: votes[winner], size: nVotes }, of);
    if (winner !== 'tie') withoutTies.add({ sum: votes[winner], size: nVotes - votes.tie }, of);
  }
  const { n, unscored } = withTies.estimate();
  // Without human votes there is no figure.
  if (n + unscored === 0) return {};
  const convention = 'orders that differ are a tie';
  return {
    agreementWithTies: { ...withTies.estimate(), convention },
    agreementWithoutTies: { ...withoutTies.estimate(), convention: `${convention}; ties are left out` },
  };
}
