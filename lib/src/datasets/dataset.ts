// A data set that can be pulled: what it is, where it comes from, and under which terms.
import { z } from 'zod';

/** A path inside a repository, which becomes a path inside the cache: no way out of it, on any system. */
export const filePathSchema = z
  .string()
  .regex(/^[^/\\:\0]+(\/[^/\\:\0]+)*$/, 'expected a relative path')
  .refine(
    (path) => path.split('/').every((part) => !/^\.{1,2}$/.test(part)),
    'expected a path without . and ..',
  );

/** SHA-256 as 64 lower-case hex digits. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const repositorySchema = z.string().regex(/^[\w-][\w.-]*\/[\w-][\w.-]*$/);
const commitSchema = z.string().regex(/^[0-9a-f]{40}$/);

const fileSchema = z.strictObject({
  path: filePathSchema,
  /** Of the file as it is served; null where no source publishes it: then that of the first pull is compared with later ones. */
  sha256: sha256Schema.nullable().default(null),
  bytes: z.int().positive().nullable().default(null),
  nRows: z.int().positive().nullable().default(null),
});

const sourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('huggingface'),
    repo: repositorySchema,
    /** A commit. */
    revision: commitSchema,
    files: z.array(fileSchema),
    /** Further files: those whose path matches, as the hub lists them. */
    pattern: z.instanceof(RegExp).nullable().default(null),
  }),
  z.strictObject({
    kind: z.literal('github'),
    repo: repositorySchema,
    commit: commitSchema,
    files: z.array(fileSchema).min(1),
  }),
]);

/** One data set. */
export const datasetSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
    /** A benchmark has known winners or human votes; a pool has instructions alone. */
    kind: z.enum(['benchmark', 'pool']),
    title: z.string().min(1),
    source: sourceSchema,
    /** As the source states it. */
    license: z.string().min(1),
    /** Rows in all that are items; null where no source publishes the number. */
    nRows: z.int().positive().nullable().default(null),
    /** Columns of the first file. */
    columns: z.array(z.string().min(1)).min(1),
    /** Default: the page of its repository. */
    homepage: z.url({ protocol: /^https$/ }).optional(),
    /** What a user should know before using it. */
    note: z.string().nullable().default(null),
  })
  .transform((dataset) => ({ ...dataset, homepage: dataset.homepage ?? pageOf(dataset.source) }));

/** A data set as it stands in the registry, see {@link datasetSchema}. */
export type DatasetEntry = z.input<typeof datasetSchema>;

/** See {@link datasetSchema}. */
export type Dataset = z.output<typeof datasetSchema>;

/** A file of a data set, see {@link datasetSchema}. */
export type DatasetFile = z.output<typeof fileSchema>;

function pageOf({ kind, repo }: z.output<typeof sourceSchema>): string {
  return kind === 'github' ? `https://github.com/${repo}` : `https://huggingface.co/datasets/${repo}`;
}

/** The commit that a data set is pinned to. */
export function revisionOf({ source }: Dataset): string {
  return source.kind === 'github' ? source.commit : source.revision;
}
