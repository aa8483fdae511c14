// `/v1/models`: list, retrieve, delete. Reference: https://platform.openai.com/docs/api-reference/models
import type { Route } from './http-server.js';
import type { Model, ModelStore } from './model-store.js';
import { seconds } from './paging.js';

/** The routes. */
export function modelRoutes(models: ModelStore): Route[] {
  const path = '/v1/models';
  return [
    {
      method: 'GET',
      path,
      handle: async () => ({ object: 'list', data: (await models.list()).map(modelView) }),
    },
    { method: 'GET', path: `${path}/:id`, handle: async ({ id }) => modelView(await models.get(id)) },
    {
      method: 'DELETE',
      path: `${path}/:id`,
      handle: async ({ id }) => {
        await models.remove(id);
        return { id, object: 'model', deleted: true };
      },
    },
  ];
}

function modelView(model: Model): object {
  return {
    id: model.id,
    object: 'model',
    created: seconds(model.createdMs),
    owned_by: 'autodidact',
    root: model.root,
    parent: model.record?.base ?? null,
    // As other servers of this API do: the longest prompt and completion together, in tokens.
    max_model_len: model.contextLength,
    system_fingerprint: `fp_${model.fingerprint.slice(0, 16)}`,
  };
}
