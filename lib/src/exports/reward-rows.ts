// The file of prompts that a reinforcement job is submitted with: `{messages, winner, loser, order, pairId}`.
// Reference: https://platform.openai.com/docs/guides/reinforcement-fine-tuning
import type { RewardExample } from '../schema/training-example.js';
import { HashedFile } from './hashed-file.js';
import type { Examples } from './write-rows.js';

/** Writes the file, which appears whole or not at all. @returns the number of prompts, from 0 @throws whatever the examples throw; DataError */
export async function writeRewardFile(path: string, examples: Examples<RewardExample>): Promise<number> {
  return HashedFile.whole(path, async (file) => {
    let nExamples = 0;
    for await (const { prompt: messages, winner, loser, order, pairId } of examples) {
      await file.write(`${JSON.stringify({ messages, winner, loser, order, pairId })}\n`);
      nExamples++;
    }
    return nExamples;
  });
}
