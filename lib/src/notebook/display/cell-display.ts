// The way into a notebook's cell: the display of the kernel that this process is, found while it runs, since nothing here depends on tslab.
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import type { MimeBundle } from '../notebook-format.js';

/** What the kernel writes to the cell that runs. */
type WriteDisplay = (
  display: {
    data: MimeBundle;
    metadata: Record<string, unknown>;
    transient: { display_id: string | undefined };
  },
  isUpdate: boolean,
) => void;

/** One thing to show, as texts and base64 by MIME type; the reader takes the richest that it knows. */
export interface Shown {
  data: MimeBundle & { 'text/plain': string };
  metadata?: Record<string, unknown>;
}

const JUPYTER_MODULE = ['tslab', 'dist', 'jupyter.js'].join(sep);

/** Whether this process is a kernel with a cell to show things in. */
export function isInCell(): boolean {
  return writeDisplay() !== null;
}

/**
 * Shows something in the cell that runs; outside a notebook its plain text is printed.
 * @param id of a display that may be updated later; `isUpdate` replaces what was shown under it
 */
export function show(shown: Shown, { id, isUpdate = false }: { id?: string; isUpdate?: boolean } = {}): void {
  const write = writeDisplay();
  if (write === null) process.stdout.write(`${shown.data['text/plain']}\n`);
  else write({ data: shown.data, metadata: shown.metadata ?? {}, transient: { display_id: id } }, isUpdate);
}

/** The kernel keeps it in a module that it has loaded; a process that is no kernel has loaded none. */
function writeDisplay(): WriteDisplay | null {
  const { cache } = createRequire(import.meta.url);
  for (const [path, loaded] of Object.entries(cache)) {
    if (!path.endsWith(JUPYTER_MODULE)) continue;
    const found = (loaded?.exports as { lastWriteDisplayData?: unknown } | undefined)?.lastWriteDisplayData;
    if (typeof found === 'function') return found as WriteDisplay;
  }
  return null;
}
