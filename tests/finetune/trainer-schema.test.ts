import assert from 'node:assert/strict';
import { trainerSchema } from '../../lib/src/finetune/index.js';

function problemsOf(config: unknown): string[] {
  const result = trainerSchema.safeParse(config);
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the trainer section', () => {
  it('has a default for every setting that can have one', () => {
    assert.deepEqual(trainerSchema.parse({ backend: 'openai' }), { backend: 'openai', flavour: 'openai' });
    assert.deepEqual(trainerSchema.parse({ backend: 'command', command: ['trl', 'sft'] }), {
      backend: 'command',
      command: ['trl', 'sft'],
      templates: [],
      values: {},
      format: 'openai',
      graceMs: 10_000,
    });
    const slurm = trainerSchema.parse({ backend: 'command', command: 'sbatch x', scheduler: {} });
    assert.ok(slurm.backend === 'command' && slurm.scheduler?.statusCommand[0] === 'sacct');
    assert.deepEqual(slurm.scheduler.cancelCommand, ['scancel', '{{schedulerId}}']);
  });

  it('reads what Slurm prints, by its defaults', () => {
    const slurm = trainerSchema.parse({ backend: 'command', command: 'sbatch x', scheduler: {} });
    assert.ok(slurm.backend === 'command' && slurm.scheduler !== undefined);
    const id = new RegExp(slurm.scheduler.idPattern, 'u');
    for (const line of ['Submitted batch job 4217', '4217', '4217;cluster'])
      assert.equal(id.exec(line)?.groups?.id, '4217');
    assert.equal(id.exec('sbatch: 3 nodes'), null);
  });

  it('reports every problem with its path', () => {
    assert.match(problemsOf({ backend: 'none' }).join(), /backend/);
    assert.match(problemsOf({ backend: 'command' }).join(), /^command: /);
    assert.match(
      problemsOf({ backend: 'command', command: ['x'], tempaltes: [] }).join(),
      /unknown key "tempaltes"; did you mean "templates"\?/,
    );
    assert.match(
      problemsOf({ backend: 'command', command: ['x'], modelPattern: 'model (.*)' }).join(),
      /modelPattern: .*\(\?<model>/,
    );
    assert.match(
      problemsOf({ backend: 'command', command: ['x'], modelPattern: '(?<model>' }).join(),
      /regular expression/,
    );
    assert.match(problemsOf({ backend: 'command', command: 'x {{seed}}' }).join(), /AUTODIDACT_/);
    assert.match(problemsOf({ backend: 'openai', lora: { rank: 8, alpha: 16 } }).join(), /^lora: .*together/);
    assert.deepEqual(
      problemsOf({ backend: 'openai', flavour: 'together', lora: { rank: 8, alpha: 16 } }),
      [],
    );
  });
});
