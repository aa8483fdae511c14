// The pages of the manual, and the commands and settings that stand in them.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the workspace. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The README, that of the package, and the manual, as paths in the workspace. */
export async function documentPaths(): Promise<string[]> {
  const pages = await readdir(join(ROOT, 'docs'));
  return [
    'README.md',
    'lib/README.md',
    ...pages.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
  ];
}

/** The fenced blocks of a page in one language. */
export async function blocksOf(path: string, language: string): Promise<string[]> {
  const text = await readFile(join(ROOT, path), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, found, block]) =>
    found === language && block !== undefined ? [block] : [],
  );
}

/** The commands of a block: a line each, those joined by `&&` apart, and lines within quotes together. */
export function commandsOf(block: string): string[] {
  const commands: string[] = [];
  let open = '';
  for (const line of block.split('\n')) {
    open = open === '' ? line : `${open}\n${line}`;
    if ((open.match(/'/g) ?? []).length % 2 === 1) continue;
    commands.push(...(open.includes("'") ? [open] : open.split('&&')).map((command) => command.trim()));
    open = '';
  }
  return commands.filter((command) => command !== '');
}

/** The words of a command without quotes, `*` in the last part of a path replaced by the files that it fits. */
export async function wordsOf(command: string, folder: string): Promise<string[]> {
  const words: string[] = [];
  for (const word of command.split(/\s+/)) {
    const [, under, pattern] = /^(.*)\/([^/]*\*[^/]*)$/.exec(word) ?? [];
    if (under === undefined || pattern === undefined) words.push(word);
    else {
      const fits = new RegExp(
        `^${pattern
          .split('*')
          .map((part) => part.replaceAll('.', '\\.'))
          .join('.*')}$`,
      );
      words.push(
        ...(await readdir(join(folder, under)))
          .filter((name) => fits.test(name))
          .map((name) => `${under}/${name}`),
      );
    }
  }
  return words;
}
