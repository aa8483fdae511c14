// Writes a report as a page, as Markdown with its charts beside it, or as a picture of the curve.
import { basename, dirname, extname, join } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import { pngOf, svgOf } from '../../chart/index.js';
import { makeFolder, writeFileAtomic } from '../../core/files.js';
import { chartsOf, documentToHtml, documentToMarkdown, type ReportDocument } from '../../report/index.js';

/** The formats of a report, by file extension. */
export const REPORT_FORMATS = ['.html', '.md', '.png', '.svg'] as const;

/**
 * Writes a report.
 * @param path its extension selects the format: a page, Markdown with its charts as PNG beside it, or the first chart alone
 * @returns the files that were written
 * @throws ConfigError for another end, and for a picture of a report that has no curve; DataError where it cannot be written
 * @example await writeReport('report.html', report);
 */
export async function writeReport(path: string, document: ReportDocument): Promise<string[]> {
  const format = REPORT_FORMATS.find((each) => each === extname(path).toLowerCase());
  if (!format) {
    throw new ConfigError({
      subject: path,
      expected: `a file whose name ends with one of ${REPORT_FORMATS.join(', ')}`,
      received: extname(path) || 'no such end',
      remedy: 'Name the report so, e.g. report.html',
    });
  }
  await makeFolder(dirname(path));
  switch (format) {
    case '.html':
      return write(path, await documentToHtml(document));
    case '.md':
      return writeMarkdown(path, document);
    case '.png':
    case '.svg': {
      const [chart] = chartsOf({ ...document, sections: [] });
      if (!chart) {
        throw new ConfigError({
          subject: path,
          expected: 'a report with a learning curve',
          received: 'one without a curve: fewer than two iterations are measured',
          remedy: 'Write it as a page (.html) or as Markdown (.md).',
        });
      }
      const svg = await svgOf(chart.still ?? chart.spec);
      return write(path, format === '.svg' ? svg : (await pngOf(svg)).bytes);
    }
  }
}

async function writeMarkdown(path: string, document: ReportDocument): Promise<string[]> {
  const written: string[] = [];
  const files: Record<string, string> = {};
  for (const { id, spec, still = spec } of chartsOf(document)) {
    const name = `${basename(path, extname(path))}-${id}.png`;
    written.push(...(await write(join(dirname(path), name), (await pngOf(await svgOf(still))).bytes)));
    files[id] = name;
  }
  return [...(await write(path, documentToMarkdown(document, files))), ...written];
}

async function write(path: string, content: string | Uint8Array): Promise<string[]> {
  await writeFileAtomic(path, content);
  return [path];
}
