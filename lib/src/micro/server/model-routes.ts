// `/v1/models`: list, retrieve, delete. Reference: https://platform.openai.com/docs/api-reference/models
import type { FastifyInstance } from 'fastify';
import type { Model, ModelStore } from './model-store.js';

/** Adds the routes. */
export function addModelRoutes(app: FastifyInstance, models: ModelStore): void {
  app.get('/v1/models', async () => ({ object: 'list', data: (await models.list()).map(modelView) }));
  app.get<{ Params: { id: string } }>('/v1/models/:id', async ({ params }) =>
    modelView(await models.get(params.id)),
  );
  app.delete<{ Params: { id: string } }>('/v1/models/:id', async ({ params }) => {
    await models.remove(params.id);
    return { id: params.id, object: 'model', deleted: true };
  });
}

function modelView(model: Model): object {
  return {
    id: model.id,
    object: 'model',
    created: Math.floor(model.createdMs / 1000),
    owned_by: 'autodidact',
    root: model.root,
    parent: model.record?.base ?? null,
    // As other servers of this API do: how long prompt and completion may be, in tokens.
    max_model_len: model.contextLength,
    system_fingerprint: `fp_${model.fingerprint.slice(0, 16)}`,
  };
}
