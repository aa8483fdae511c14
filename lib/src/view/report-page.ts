// A report as a page of the view: with links to the other pages, and from its figures to the judgments that they count.
import { AutodidactError } from '../core/errors.js';
import { makeReport } from '../experiment/index.js';
import { documentToHtml, text, type PageOptions } from '../report/index.js';
import { judgmentsHash } from './judgments-address.js';

/** What a report is of. */
export interface ReportedRuns {
  /** Runs as they are listed; none for a matrix. */
  runs: readonly string[];
  /** Finds the folders of the runs, or that of a matrix. @throws ConfigError for what is not listed */
  folders: () => Promise<readonly string[]>;
  signal: AbortSignal;
}

/** The page of a report, or one that says why there is none. */
export async function reportPage({
  runs,
  folders,
  signal,
}: ReportedRuns): Promise<{ page: string; status: 200 | 400 }> {
  const bar = barOf(runs);
  const hrefOf: PageOptions['hrefOf'] = ({ run = runs[0] ?? '', filter }) =>
    `./${judgmentsHash({ run, filter })}`;
  try {
    const document = await makeReport(await folders(), { signal });
    return { page: await documentToHtml(document, { bar, hrefOf }), status: 200 };
  } catch (thrown) {
    if (!(thrown instanceof AutodidactError)) throw thrown;
    const problem = { title: 'No report', lead: [text`${thrown.message}`], sections: [] };
    return { page: await documentToHtml(problem, { bar }), status: 400 };
  }
}

function barOf(runs: readonly string[]): NonNullable<PageOptions['bar']> {
  return [
    { title: 'All runs', href: './#/' },
    ...runs.flatMap((run) => {
      const [of, query] = [runs.length > 1 ? ` of ${run}` : '', new URLSearchParams({ run }).toString()];
      return [
        { title: `Judgments${of}`, href: `./${judgmentsHash({ run, filter: {} })}` },
        ...(runs.length > 1
          ? [{ title: `Report${of}`, href: `report?${query}` }]
          : [{ title: 'Review', href: `./#/review?${query}` }]),
      ];
    }),
  ];
}
