// Errors as tslab reports them: text on standard error, a stack or compiler errors.
import type { ErrorOutput } from './notebook-format.js';

/** Frames of the kernel and of Node below those of the cell. */
const KERNEL_FRAME = /^\s+at .*(?:node:vm:|[\\/]tslab[\\/](?:dist|node_modules)[\\/])/;
const NAMED_ERROR = /^(?:Uncaught )?(?<name>[A-Z]\w*)(?: \[\w+\])?: (?<message>.*)/;

/** An error output from the text of an error. @param fallback for an empty text */
export function errorFromText(text: string, fallback: { ename: string; evalue: string }): ErrorOutput {
  const traceback = text
    .trimEnd()
    .split('\n')
    .filter((line) => !KERNEL_FRAME.test(line));
  const [first = ''] = traceback;
  if (first === '') return { output_type: 'error', ...fallback, traceback: [] };
  if (isCompilerLine(first)) return { output_type: 'error', ename: 'CompileError', evalue: first, traceback };
  // A stack may begin with the place in the cell.
  const groups = traceback.map((line) => NAMED_ERROR.exec(line)?.groups).find((found) => found !== undefined);
  const { name = fallback.ename, message = first } = groups ?? {};
  return { output_type: 'error', ename: name, evalue: message, traceback };
}

/** Whether a line of standard error is a compiler error, or blank. */
export function isCompilerLine(line: string): boolean {
  return line === '' || /^\S* ?\d+:\d+ - /.test(line);
}

/** Whether a text is tslab's message about an interrupted cell. */
export function reportsInterruption(text: string): boolean {
  return text.startsWith('Error: Interrupted asynchronously') || text.includes('interrupted by `SIGINT`');
}
