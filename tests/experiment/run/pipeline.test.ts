import assert from 'node:assert/strict';
import { followPipeline, type PipelineExecutor } from '../../../lib/src/experiment/run/pipeline.js';

/** Notes what is called, in order, and names what it makes. */
function recorder(nFinished: number): {
  calls: string[];
  executor: PipelineExecutor<string, string, string, string>;
} {
  const calls: string[] = [];
  const made = (call: string, result: string): Promise<string> => {
    calls.push(call);
    return Promise.resolve(result);
  };
  return {
    calls,
    executor: {
      classify: () => made('classify', 'pool'),
      finished: (iteration) => Promise.resolve(iteration < nFinished ? `judge-${iteration}` : undefined),
      generate: (iteration, source) => made(`generate ${iteration} from ${source}`, `pairs-${iteration}`),
      judge: (iteration, judge, pairs) =>
        made(`judge ${iteration}: ${judge} judges ${pairs}`, `judgments-${iteration}`),
      train: (iteration, judge, judgments) =>
        made(`train ${iteration}: ${judge} on ${judgments}`, `judge-${iteration}`),
      evaluate: async (iteration, judge) => {
        await made(`evaluate ${iteration}: ${judge}`, '');
      },
    },
  };
}

describe('the pipeline', () => {
  it('evaluates the seed, and starts each iteration from the judge of the one before', async () => {
    const { calls, executor } = recorder(0);
    await followPipeline({ iterations: 2 }, 'seed', executor);
    assert.deepEqual(calls, [
      'classify',
      'evaluate 0: seed',
      'generate 1 from pool',
      'judge 1: seed judges pairs-1',
      'train 1: seed on judgments-1',
      'evaluate 1: judge-1',
      'generate 2 from pool',
      'judge 2: judge-1 judges pairs-2',
      'train 2: judge-1 on judgments-2',
      'evaluate 2: judge-2',
    ]);
  });

  it('takes the judge of an iteration that is complete, and follows none of its stages', async () => {
    const { calls, executor } = recorder(2);
    await followPipeline({ iterations: 2 }, 'seed', executor);
    assert.deepEqual(calls, [
      'classify',
      'generate 2 from pool',
      'judge 2: judge-1 judges pairs-2',
      'train 2: judge-1 on judgments-2',
      'evaluate 2: judge-2',
    ]);
  });

  it('only evaluates the seed where there are no iterations, and opens no instructions', async () => {
    const { calls, executor } = recorder(0);
    await followPipeline({ iterations: 0 }, 'seed', executor);
    assert.deepEqual(calls, ['evaluate 0: seed']);
  });
});
