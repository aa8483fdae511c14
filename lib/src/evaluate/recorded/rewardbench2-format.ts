// Scores of reward models and grades of judges on RewardBench 2, a row per prompt, the correct completions first
// (https://github.com/allenai/reward-bench at 05a9005, scripts/run_v2.py, eval-set-scores/): as verdicts on its pairs.
import { z } from 'zod';
import { completionPairs } from '../benchmarks/rewardbench2.js';
import { parseRow, UnusableRow, verdictOfScores, type RecordedFormat } from './recorded-format.js';

const rowSchema = z.looseObject({
  id: z.union([z.string(), z.int()]).transform(String),
  subset: z.string().min(1),
  scores: z.array(z.union([z.number(), z.tuple([z.number()]).transform(([score]) => score)])),
  num_correct: z.int().min(1).default(1),
  model: z.string().optional(),
});

export const rewardBench2Format: RecordedFormat = {
  name: 'rewardbench2',
  fits: (row) => 'scores' in row && 'subset' in row && 'id' in row,
  read(row, { itemOf, judge, fileJudge }) {
    const { id, subset: name, scores, num_correct: nCorrect, model } = parseRow(rowSchema, row);
    // Some of upstream's files spell it in lower case.
    const subset = name === 'ties' ? 'Ties' : name;
    const nIncorrect = scores.length - nCorrect;
    if (nIncorrect < 1)
      throw new UnusableRow('wrong-shape', `${scores.length} scores, of which ${nCorrect} correct`);
    return completionPairs({ subset, id }, { nCorrect, nIncorrect }).map(({ itemId, correct, incorrect }) => {
      const pair = [scores[correct] ?? 0, scores[nCorrect + incorrect] ?? 0] as const;
      return {
        kind: 'judgment',
        judge: judge ?? model ?? fileJudge,
        subset,
        item: { cluster: `${subset}/${id}`, ...itemOf(itemId), itemId, gold: 'first', scores: pair },
        shown: 'given',
        rule: 'scores',
        verdict: verdictOfScores(pair),
      };
    });
  },
};
