// The outputs of a cell, collected from the messages of a kernel as Jupyter does.
import { z } from 'zod';
import type { KernelMessage } from './kernel/wire-message.js';
import { errorFromText, isCompilerLine, reportsInterruption } from './error-text.js';
import { outputSchema, type DisplayOutput, type Output } from './notebook-format.js';

/** Most characters of text that a cell keeps: endless loops print more. */
const MOST_STREAM_CHARACTERS = 4_000_000;

/** Displays by id, over all cells of a notebook: a later cell may update what an earlier one showed. */
export type DisplaysById = Map<string, DisplayOutput[]>;

const transientSchema = z.object({
  transient: z.object({ display_id: z.string().optional() }).optional(),
});

/** Why a cell failed. */
export interface CellFailure {
  ename: string;
  evalue: string;
  /** Whether the kernel has written the error to the outputs. */
  isReported: boolean;
}

/** The outputs of one cell. */
export class CellOutputs {
  readonly outputs: Output[] = [];
  readonly #displays: DisplaysById;
  readonly #longest: number;
  #clearsNext = false;
  #nCharacters = 0;
  /** The text of the latest message on standard error. */
  #lastErrorText = '';

  /** @param displays those of the whole notebook; `longest` the most characters of text that are kept */
  constructor(displays: DisplaysById, { longest = MOST_STREAM_CHARACTERS }: { longest?: number } = {}) {
    this.#displays = displays;
    this.#longest = longest;
  }

  /** Takes one message; messages that are not outputs are ignored. @throws ZodError when an output is malformed */
  take({ type, content }: KernelMessage): void {
    switch (type) {
      case 'stream':
      case 'display_data':
      case 'execute_result':
      case 'error':
        this.#add(outputOf(type, content), displayIdOf(content));
        return;
      case 'update_display_data':
        this.#update(outputOf('display_data', content), displayIdOf(content));
        return;
      case 'clear_output':
        if (content.wait === true) this.#clearsNext = true;
        else this.#clear();
    }
  }

  /** Ends the outputs with an error. @returns the error as it is shown */
  addError({ isReported, ...failure }: CellFailure): { ename: string; evalue: string } {
    if (isReported) return this.#reportedError(failure);
    if (reportsInterruption(this.#lastErrorText)) this.#withdrawErrorText();
    const { ename, evalue } = failure;
    this.outputs.push({ output_type: 'error', ename, evalue, traceback: [`${ename}: ${evalue}`] });
    return failure;
  }

  /** tslab reports errors as text on standard error: the last such text becomes an error output. */
  #reportedError(fallback: { ename: string; evalue: string }): { ename: string; evalue: string } {
    let error = this.outputs.findLast((output) => output.output_type === 'error');
    if (error === undefined) {
      error = errorFromText(this.#withdrawErrorText(), fallback);
      this.outputs.push(error);
    }
    return { ename: error.ename, evalue: error.evalue };
  }

  #add(output: Output, displayId: string | null): void {
    if (this.#clearsNext) this.#clear();
    if (output.output_type === 'stream') {
      this.#addText(output.name, output.text);
      return;
    }
    this.outputs.push(output);
    if (output.output_type !== 'display_data' || displayId === null) return;
    this.#displays.set(displayId, [...(this.#displays.get(displayId) ?? []), output]);
  }

  #addText(name: 'stdout' | 'stderr', whole: string): void {
    const isFull = this.#nCharacters >= this.#longest;
    // The end of an endless output may say why it failed.
    if (name === 'stderr') this.#lastErrorText = whole;
    if (isFull) return;
    const room = this.#longest - this.#nCharacters;
    const text =
      whole.length <= room
        ? whole
        : `${whole.slice(0, room)}\n… output beyond ${this.#longest} characters is omitted\n`;
    this.#nCharacters += whole.length;
    const last = this.outputs.at(-1);
    if (last?.output_type === 'stream' && last.name === name) last.text += text;
    else this.outputs.push({ output_type: 'stream', name, text });
  }

  #update(output: Output, displayId: string | null): void {
    if (output.output_type !== 'display_data' || displayId === null) return;
    for (const shown of this.#displays.get(displayId) ?? []) {
      shown.data = output.data;
      shown.metadata = output.metadata;
    }
  }

  #clear(): void {
    this.outputs.length = 0;
    this.#clearsNext = false;
    this.#nCharacters = 0;
    this.#lastErrorText = '';
  }

  /** Takes the text of an error back out of the stream. */
  #withdrawErrorText(): string {
    const last = this.outputs.at(-1);
    if (last?.output_type !== 'stream' || last.name !== 'stderr') return this.#lastErrorText;
    // Compiler errors come one by one, and then no code has run.
    const isCompilers = this.outputs.length === 1 && last.text.split('\n').every(isCompilerLine);
    const text = isCompilers || !last.text.endsWith(this.#lastErrorText) ? last.text : this.#lastErrorText;
    last.text = last.text.slice(0, last.text.length - text.length);
    if (last.text === '') this.outputs.pop();
    return text;
  }
}

function outputOf(type: Output['output_type'], content: KernelMessage['content']): Output {
  const hasMetadata = type === 'display_data' || type === 'execute_result';
  // Transient content is not part of the notebook.
  const kept = Object.entries(content).filter(([key]) => key !== 'transient');
  return outputSchema.parse({
    ...(hasMetadata ? { metadata: {} } : {}),
    ...Object.fromEntries(kept),
    output_type: type,
  });
}

function displayIdOf(content: KernelMessage['content']): string | null {
  return transientSchema.parse(content).transient?.display_id ?? null;
}
