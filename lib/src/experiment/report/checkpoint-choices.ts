// Which checkpoints a run compared, as its iterations left it.
import type { IterationChoices } from '../../report/index.js';
import { checkpointChoicesSchema } from '../../schema/fine-tuned-model.js';
import type { IterationManifest } from '../../schema/manifest.js';
import type { RunFolder } from '../../store/index.js';
import { FILES } from '../loop-context.js';

/** Of the iterations that compared any. @throws DataError for a file that another version wrote */
export async function readChoices(
  run: RunFolder,
  manifests: readonly Pick<IterationManifest, 'iteration'>[],
): Promise<IterationChoices[]> {
  const found: IterationChoices[] = [];
  for (const { iteration } of manifests) {
    const folder = run.inside(`iteration-${iteration}`);
    const choices = await folder.readJson(FILES.checkpoints, checkpointChoicesSchema);
    if (choices) found.push({ iteration, choices });
  }
  return found;
}
