// Continuous batching: every step reads one token of each running completion, and with the room that is left, prompts.
//
// Prompts and completions pass through the same code row by row, so what is sampled never depends on what else is in flight. A prompt
// is read once for all of its choices; they share its full pages of the cache and copy the last one.
import { Choice, maxSampledTokens, type ChoiceSettings, type Language } from './choice.js';
import type { DecodingCapacity } from './decoding-memory.js';
import { DecodingTransformer, pagesFor } from './decoding-transformer.js';
import { PagePool, positionsPerPage } from './page-pool.js';
import type { ModelShape, SampledChoice, TokenListener } from './types.js';

/** A request to the decoder: choices `firstChoice` to `firstChoice + nChoices - 1` of one prompt, by the model in place `model`. */
export interface DecodingRequest {
  model: number;
  settings: ChoiceSettings;
  firstChoice: number;
  nChoices: number;
  onToken: TokenListener | null;
  /** Called once, when all choices are done, unless the request is cancelled. */
  onDone: (choices: SampledChoice[]) => void;
}

interface Group {
  request: DecodingRequest;
  /** Place in the page table, and pages, while the prompt is held. */
  sequence: number;
  pages: number[];
  nRead: number;
  /** Of the prompt's last token, once it is read. */
  logits: Float32Array | null;
  nStarted: number;
  nDone: number;
  choices: SampledChoice[];
  cancelled: boolean;
}

interface Running {
  group: Group;
  choice: Choice;
  sequence: number;
  pages: number[];
  released: boolean;
}

/** Capacity that keeps the kernels busy; a larger batch gains nothing. */
export const defaultCapacity: DecodingCapacity = {
  maxRows: 192,
  maxSequences: 256,
  nPages: 1280,
  nModels: 8,
};

/** Samples completions for several models of one shape, on this thread. */
export class Decoder {
  readonly transformer: DecodingTransformer;
  readonly #language: Language;
  readonly #capacity: DecodingCapacity;
  readonly #pool: PagePool;
  readonly #freeSequences: number[];
  readonly #pagesPerSequence: number;
  /** Requests whose prompt has no place yet, in order of arrival. */
  readonly #waiting: Group[] = [];
  /** Prompts that are being read, or whose choices have not all started, in order of arrival. */
  readonly #prompts: Group[] = [];
  #running: Running[] = [];
  #nextModel = 0;

  constructor(shape: ModelShape, language: Language, capacity: DecodingCapacity = defaultCapacity) {
    this.transformer = new DecodingTransformer(shape, capacity);
    this.#language = language;
    this.#capacity = capacity;
    this.#pagesPerSequence = pagesFor(shape.contextLength);
    // A prompt and one of its choices must fit side by side, or nothing would ever move.
    if (capacity.nPages < 2 * this.#pagesPerSequence || capacity.maxSequences < 2) {
      throw new RangeError(`Decoder: capacity too small for a context of ${shape.contextLength}`);
    }
    this.#pool = new PagePool(capacity.nPages);
    this.#freeSequences = Array.from(
      { length: capacity.maxSequences },
      (_, i) => capacity.maxSequences - 1 - i,
    );
  }

  /** Whether any request is under way. */
  get busy(): boolean {
    return this.#waiting.length + this.#prompts.length + this.#running.length > 0;
  }

  /** Whether a request for the model in this place is under way. */
  uses(model: number): boolean {
    const ofModel = ({ request }: Group): boolean => request.model === model;
    return (
      this.#waiting.some(ofModel) ||
      this.#prompts.some(ofModel) ||
      this.#running.some(({ group }) => ofModel(group))
    );
  }

  /** Queues a request; the returned function cancels it at once. */
  submit(request: DecodingRequest): () => void {
    const group: Group = {
      request,
      sequence: -1,
      pages: [],
      nRead: 0,
      logits: null,
      nStarted: 0,
      nDone: 0,
      choices: [],
      cancelled: false,
    };
    this.#waiting.push(group);
    return () => {
      this.#cancel(group);
    };
  }

  /** Does one step for one of the models that have work. Returns whether there was any. */
  step(): boolean {
    this.#startChoices();
    this.#admitPrompts();
    const model = this.#modelToServe();
    if (model === undefined) return false;
    this.#nextModel = model + 1;
    this.#stepModel(model);
    return true;
  }

  /** The next model in turn, by place, that has rows to read. */
  #modelToServe(): number | undefined {
    let next: number | undefined;
    let first: number | undefined;
    const consider = ({ request: { model } }: Group): void => {
      if (first === undefined || model < first) first = model;
      if (model >= this.#nextModel && (next === undefined || model < next)) next = model;
    };
    for (const { group } of this.#running) consider(group);
    for (const group of this.#prompts) if (group.logits === null) consider(group);
    return next ?? first;
  }

  /** Starts choices whose prompt is read, oldest request first, as far as there is room. */
  #startChoices(): void {
    for (const group of [...this.#prompts]) {
      if (group.logits === null) continue;
      while (!group.cancelled && group.nStarted < group.request.nChoices) {
        if (!this.#startChoice(group, group.logits)) break;
      }
      if (group.nStarted === group.request.nChoices) this.#releasePrompt(group);
    }
  }

  #startChoice(group: Group, logits: Float32Array): boolean {
    const { request } = group;
    const { promptTokens } = request.settings;
    const { contextLength } = this.transformer.shape;
    // The last token that is sampled is never read.
    const nPositions = promptTokens.length + maxSampledTokens(request.settings, contextLength) - 1;
    const nShared = Math.floor(promptTokens.length / positionsPerPage);
    const nOwn = pagesFor(nPositions) - nShared;
    const full = this.#running.length >= this.#capacity.maxRows || this.#freeSequences.length === 0;
    if (full || this.#pool.nFree < nOwn) return false;
    const choice = new Choice(request.firstChoice + group.nStarted, request.settings, {
      language: this.#language,
      contextLength,
      onToken: request.onToken,
    });
    group.nStarted += 1;
    const finished = choice.sample(logits, this.transformer);
    // A listener may have cancelled the request just now.
    if (group.cancelled) return false;
    if (finished !== null) {
      this.#finish(group, choice, finished);
      return true;
    }
    const sharedPages = group.pages.slice(0, nShared);
    this.#pool.share(sharedPages);
    const ownPages = this.#pool.take(nOwn);
    const pages = [...sharedPages, ...ownPages];
    const [partial, copyOfPartial] = [group.pages[nShared], ownPages[0]];
    if (partial !== undefined && copyOfPartial !== undefined)
      this.transformer.copyPage(partial, copyOfPartial);
    const sequence = this.#freeSequences.pop() as number;
    this.transformer.setPages(sequence, pages);
    this.#running.push({ group, choice, sequence, pages, released: false });
    return true;
  }

  /** Gives prompts their place, oldest first, always leaving room for one whole sequence so that choices can start. */
  #admitPrompts(): void {
    let nUnread = 0;
    for (const { request, nRead } of this.#prompts) nUnread += request.settings.promptTokens.length - nRead;
    while (this.#waiting.length > 0 && this.#running.length + nUnread < this.#capacity.maxRows) {
      const group = this.#waiting[0] as Group;
      const nTokens = group.request.settings.promptTokens.length;
      const nPages = pagesFor(nTokens);
      if (this.#freeSequences.length < 2 || this.#pool.nFree - nPages < this.#pagesPerSequence) return;
      this.#waiting.shift();
      group.pages = this.#pool.take(nPages);
      group.sequence = this.#freeSequences.pop() as number;
      this.transformer.setPages(group.sequence, group.pages);
      this.#prompts.push(group);
      nUnread += nTokens;
    }
  }

  #stepModel(model: number): void {
    const running = this.#running.filter(({ group }) => group.request.model === model);
    let nRows = 0;
    for (const { choice, sequence } of running) {
      const { token, previousToken: previous, position } = choice;
      this.transformer.setRow(nRows++, { token, previous, position, sequence });
    }
    // Rows that need logits come first: the running completions, then the last tokens of prompts.
    const parts = this.#promptParts(model, this.#capacity.maxRows - nRows);
    const ending = parts.filter(({ group, end }) => end === group.request.settings.promptTokens.length);
    for (const { group, end } of ending) this.#setPromptRow(nRows++, group, end - 1);
    const nWithLogits = nRows;
    for (const { group, end } of parts) {
      const isEnding = end === group.request.settings.promptTokens.length;
      for (let i = group.nRead; i < (isEnding ? end - 1 : end); i++) this.#setPromptRow(nRows++, group, i);
      group.nRead = end;
    }
    this.transformer.run(model, nRows, nWithLogits);
    for (const [i, { group }] of ending.entries()) {
      group.logits = this.transformer.logitsOf(running.length + i).slice();
    }
    for (let row = 0; row < running.length; row++) {
      const entry = running[row] as Running;
      if (entry.released) continue;
      const finished = entry.choice.sample(this.transformer.logitsOf(row), this.transformer);
      if (finished === null || this.#wasReleased(entry)) continue;
      this.#release(entry);
      this.#finish(entry.group, entry.choice, finished);
    }
    this.#running = this.#running.filter(({ released }) => !released);
  }

  /** Which prompt tokens fit into `room` rows: up to token `end` of each of these prompts. */
  #promptParts(model: number, room: number): { group: Group; end: number }[] {
    const parts: { group: Group; end: number }[] = [];
    for (const group of this.#prompts) {
      const nLeft = group.request.settings.promptTokens.length - group.nRead;
      if (room === 0) break;
      if (group.request.model !== model || nLeft === 0) continue;
      const nTaken = Math.min(room, nLeft);
      parts.push({ group, end: group.nRead + nTaken });
      room -= nTaken;
    }
    return parts;
  }

  #setPromptRow(row: number, { request, sequence }: Group, position: number): void {
    const { promptTokens } = request.settings;
    const token = promptTokens[position] as number;
    this.transformer.setRow(row, { token, previous: promptTokens[position - 1] ?? 0, position, sequence });
  }

  #finish(group: Group, choice: Choice, finished: SampledChoice): void {
    group.choices[choice.index - group.request.firstChoice] = finished;
    group.nDone += 1;
    if (group.nDone === group.request.nChoices) group.request.onDone(group.choices);
  }

  /** Frees a running completion's room; the caller takes it off the list. */
  #release(entry: Running): void {
    entry.released = true;
    this.#pool.release(entry.pages);
    this.#freeSequences.push(entry.sequence);
  }

  /** Asked after a listener was called, which may have cancelled the request. */
  #wasReleased({ released }: Running): boolean {
    return released;
  }

  #releasePrompt(group: Group): void {
    const at = this.#prompts.indexOf(group);
    if (at < 0) return;
    this.#prompts.splice(at, 1);
    this.#pool.release(group.pages);
    this.#freeSequences.push(group.sequence);
  }

  #cancel(group: Group): void {
    if (group.cancelled || group.nDone === group.request.nChoices) return;
    group.cancelled = true;
    const at = this.#waiting.indexOf(group);
    if (at >= 0) this.#waiting.splice(at, 1);
    this.#releasePrompt(group);
    for (const entry of this.#running) if (entry.group === group && !entry.released) this.#release(entry);
    this.#running = this.#running.filter(({ released }) => !released);
  }
}
