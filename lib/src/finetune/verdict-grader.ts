// The grader that rewards a judgment for naming the known winner, for jobs of the method "reinforcement" and for rewards elsewhere.
// Reference: https://platform.openai.com/docs/guides/graders
import type { MultiGrader, StringCheckGrader } from 'openai/resources/graders/grader-models';

/**
 * A `multi` grader of OpenAI's API: 1 for a judgment that holds the marker of the row's `winner` and none of the other two, else 0. This is
 * the rule `strict` of prompt packs, but for judgments that are cut at their limit, which have no verdict by that rule: a grader is not
 * told how a completion ended. (The embedded trainer itself counts those as 0.) Against the more generous rules that read the same
 * markers (`last-marker`, `lenient`, `rewardbench`, `mt-bench`) it gives 0 to judgments with several kinds of marker, or with none.
 */
export function verdictGrader(): MultiGrader {
  const check = (name: string, reference: string): StringCheckGrader => ({
    type: 'string_check',
    name,
    input: '{{sample.output_text}}',
    reference,
    operation: 'like',
  });
  const graders = {
    right: check('right', '[[{{item.winner}}]]'),
    wrong: check('wrong', '[[{{item.loser}}]]'),
    tie: check('tie', '[[C]]'),
  };
  return {
    type: 'multi',
    name: 'verdict',
    // The API takes them by name, as its guide shows; the package's type has room for one alone.
    graders: graders as unknown as StringCheckGrader,
    calculate_output: 'right * (1 - wrong) * (1 - tie)',
  };
}
