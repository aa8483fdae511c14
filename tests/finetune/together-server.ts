// What a server of Together's API holds: jobs, which run as a test decides. Shapes of requests and answers:
// https://docs.together.ai/reference/post-fine-tunes, get-fine-tunes, get-fine-tunes-id-checkpoint.

/** A job as the server shows it. */
export interface TogetherJob {
  id: string;
  status: string;
  model: string;
  suffix: string;
  model_output_name: string | null;
  events: { object: string; message: string; level: string | null }[];
}

/** The state of a server; a job that is created is put there. */
export class TogetherServer {
  jobs: TogetherJob[] = [];
  /** What becomes of jobs when they are asked for; null: the test sets their status. */
  outcome: 'hold' | 'succeed' | 'fail' | null = null;
  checkpoints: unknown[] = [];

  answer(method: string, path: string, body: string): { status?: number; json: unknown } {
    if (path === '/files/upload') return { json: { id: `file-${this.jobs.length}`, object: 'file' } };
    if (path === '/fine-tunes' && method === 'GET') return { json: { data: this.jobs } };
    if (path === '/fine-tunes') {
      const { model, suffix } = JSON.parse(body) as TogetherJob;
      const id = `ft-${this.jobs.length}`;
      const job = { id, status: 'pending', model, suffix, model_output_name: null, events: [] };
      this.jobs.unshift(job);
      return { json: job };
    }
    const [, id, what] = /^\/fine-tunes\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const job = this.jobs.find((each) => each.id === id);
    if (job === undefined) return { status: 404, json: { error: { message: 'no such job' } } };
    const isOpen = job.status === 'pending' || job.status === 'running';
    if (what === 'cancel') {
      if (!isOpen) return { status: 400, json: { error: { message: 'the job has ended' } } };
      job.status = 'cancel_requested';
    } else if (isOpen) this.#decide(job);
    if (what === 'events') return { json: { data: job.events } };
    if (what === 'checkpoints') return { json: { data: this.checkpoints } };
    return { json: job };
  }

  #decide(job: TogetherJob): void {
    const say = (message: string): void => {
      job.events.push({ object: 'fine-tune-event', message, level: 'info' });
    };
    if (this.outcome === 'hold' && job.status === 'pending') {
      job.status = 'running';
      say('training');
    }
    if (this.outcome === 'succeed') {
      job.status = 'completed';
      job.model_output_name = `me/${job.model}-${job.suffix}`;
      this.checkpoints = [2, 1].map((step) => ({ step, checkpoint: 'model', object_name: `out-${step}` }));
      say('done');
    }
    if (this.outcome === 'fail') {
      job.status = 'error';
      say('the loss of sk-secret-12345 is not\u001b[31m a number');
    }
  }
}
