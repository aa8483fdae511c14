// The page of Notebook 6 and nbclassic, driven through the objects that it offers to scripts.
import type { Browser, Page } from 'playwright-core';
import type { JupyterServer } from './jupyter-server.js';

/** What one code cell shows. */
export interface CellShown {
  /** The first line of its code. */
  firstLine: string;
  /** Its number; null for a cell that has not ended. */
  prompt: number | null;
  /** Texts of its outputs. */
  texts: string[];
  /** Errors, and whatever was written to standard error, where this kernel reports errors. */
  errors: string[];
}

const PAGE_TIMEOUT_MS = 60_000;

/** Whether the notebook is loaded and its kernel has answered. */
const isReady = 'window.Jupyter?.notebook?._fully_loaded && Jupyter.notebook.kernel?.info_reply?.banner';

/** All code cells, as the page has them. */
const cellsExpression = `Jupyter.notebook.get_cells().filter(({ cell_type }) => cell_type === 'code').map((cell) => {
  const outputs = cell.output_area.toJSON();
  const textOf = (output) => [output.text ?? output.data?.['text/plain'] ?? output.evalue ?? ''].flat().join('');
  return {
    firstLine: cell.get_text().split('\\n').find((line) => !/^\\s*(\\/\\/|$)/.test(line)) ?? '',
    prompt: Number.isInteger(cell.input_prompt_number) ? cell.input_prompt_number : null,
    texts: outputs.map(textOf),
    errors: outputs.filter((output) => output.output_type === 'error' || output.name === 'stderr').map(textOf),
  };
})`;

/** The first cell whose code contains a text. */
function cellWith(code: string): string {
  return `Jupyter.notebook.get_cells().find((cell) => cell.get_text().includes(${JSON.stringify(code)}))`;
}

/** An open notebook with a kernel. */
export class ClassicPage {
  readonly #page: Page;
  readonly #timeoutMs: number;

  private constructor(page: Page, timeoutMs: number) {
    this.#page = page;
    this.#timeoutMs = timeoutMs;
  }

  /** Opens a notebook of the workspace. @throws Error for a Jupyter whose pages are different */
  static async open(
    file: string,
    { browser, server, timeoutMs }: { browser: Browser; server: JupyterServer; timeoutMs: number },
  ): Promise<ClassicPage> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('dialog', (dialog) => void dialog.accept());
    await page.goto(server.urlOf(`notebooks/${file}`), { timeout: PAGE_TIMEOUT_MS });
    if (!(await page.evaluate<boolean>('typeof window.requirejs === "function"')))
      throw new Error(
        `the pages of ${server.name} cannot be driven: they have no Jupyter.notebook, as those of Notebook 6 and nbclassic do`,
      );
    // A page asks its kernel once what it is, and waits for ever where that was before the kernel listened; a page that is loaded again asks again.
    await page
      .waitForFunction(isReady, undefined, { timeout: PAGE_TIMEOUT_MS / 2 })
      .catch(() => page.reload({ timeout: PAGE_TIMEOUT_MS }));
    await page.waitForFunction(isReady, undefined, { timeout: PAGE_TIMEOUT_MS });
    return new ClassicPage(page, timeoutMs);
  }

  /** Runs every cell, until each has ended or one has failed. */
  async runAll(): Promise<CellShown[]> {
    await this.#page.evaluate('Jupyter.notebook.execute_all_cells()');
    return this.#untilEnded();
  }

  /** Runs the first cell whose code contains a text. @param stopAt interrupts the kernel once its outputs contain that */
  async runCell(code: string, { stopAt }: { stopAt?: string } = {}): Promise<CellShown> {
    await this.#start(code);
    if (stopAt !== undefined) {
      await this.#untilShown(stopAt);
      await this.#page.evaluate('Jupyter.notebook.kernel.interrupt()');
    }
    const cells = await this.#untilEnded();
    const index = await this.#page.evaluate<number>(
      `Jupyter.notebook.get_cells().filter(({ cell_type }) => cell_type === 'code').indexOf(${cellWith(code)})`,
    );
    const shown = cells[index];
    if (shown === undefined) throw new Error(`no cell contains ${code}`);
    return shown;
  }

  /** Starts a cell, and restarts the kernel once its outputs contain a text. */
  async restartDuring(code: string, shown: string): Promise<void> {
    await this.#start(code);
    await this.#untilShown(shown);
    await this.#page.evaluate('Jupyter.notebook.kernel.info_reply = {}; Jupyter.notebook.kernel.restart()');
    await this.#page.waitForFunction(isReady, undefined, { timeout: PAGE_TIMEOUT_MS });
  }

  /** A picture of the whole notebook. */
  async picture(path: string): Promise<void> {
    const height = await this.#page.evaluate<number>(
      'document.querySelector("#notebook-container").scrollHeight + 200',
    );
    await this.#page.setViewportSize({ width: 1280, height: Math.min(height, 12_000) });
    await this.#page.screenshot({ path });
  }

  /** Ends its kernel too. */
  async close(): Promise<void> {
    await this.#page.evaluate('void Jupyter.notebook.session.delete()');
    await this.#page.close();
  }

  /** Starts a cell. For a moment after an error the kernel ignores requests: then it is started again. */
  async #start(code: string): Promise<void> {
    const number = `${cellWith(code)}.input_prompt_number`;
    const hasOutput = `${cellWith(code)}.output_area.outputs.length > 0`;
    for (let isIgnored = true; isIgnored;) {
      await this.#page.evaluate(`${cellWith(code)}.execute()`);
      await this.#page.waitForFunction(`${hasOutput} || ${number} !== '*'`, undefined, {
        timeout: this.#timeoutMs,
      });
      isIgnored = await this.#page.evaluate<boolean>(
        `!(${hasOutput}) && !Number.isInteger(${number}) && ${number} !== '*'`,
      );
    }
  }

  async #untilShown(text: string): Promise<void> {
    const isShown = `${cellsExpression}.some(({ texts }) => texts.join().includes(${JSON.stringify(text)}))`;
    await this.#page.waitForFunction(isShown, undefined, { timeout: this.#timeoutMs });
  }

  async #untilEnded(): Promise<CellShown[]> {
    const isEnded = `!Jupyter.notebook.kernel_busy && !Jupyter.notebook.get_cells().some((cell) => cell.input_prompt_number === '*')`;
    await this.#page.waitForFunction(isEnded, undefined, { timeout: this.#timeoutMs, polling: 100 });
    return this.#page.evaluate<CellShown[]>(cellsExpression);
  }
}
