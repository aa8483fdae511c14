// Shows things in the running cell, through the kernel's own display function; it is looked up at run time, since tslab is no dependency.
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import type { MimeBundle } from '../notebook-format.js';

/** The kernel's function that writes to the running cell. */
type WriteDisplay = (
  display: {
    data: MimeBundle;
    metadata: Record<string, unknown>;
    transient: { display_id: string | undefined };
  },
  isUpdate: boolean,
) => void;

/** Content to show, as texts and base64 by MIME type; a reader takes the richest type that it supports. */
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

/** The kernel has it in a loaded module; other processes have not loaded that module. */
function writeDisplay(): WriteDisplay | null {
  const { cache } = createRequire(import.meta.url);
  for (const [path, loaded] of Object.entries(cache)) {
    if (!path.endsWith(JUPYTER_MODULE)) continue;
    const found = (loaded?.exports as { lastWriteDisplayData?: unknown } | undefined)?.lastWriteDisplayData;
    if (typeof found === 'function') return found as WriteDisplay;
  }
  return null;
}
