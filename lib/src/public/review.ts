// `autodidact/review`: asking people about a run: items, sheets, answers, and what they say.
export {
  importAnswers,
  type ImportedAnswers,
  readReview,
  reviewItems,
  type ReviewRequest,
  type RunReview,
} from '../experiment/index.js';
export { reviewLines, reviewTable } from '../report/index.js';
export { type ReviewNeed, toCsv } from '../review/index.js';
export type {
  ReviewAnswer,
  ReviewItem,
  ReviewNote,
  ReviewResult,
  ReviewStage,
  ReviewWord,
} from '../schema/index.js';
