// The page of the paper as a document.
import type { PaperCell, PaperExperiment, PaperPage } from '../schema/paper.js';
import {
  assemble,
  codeBlock,
  listBlock,
  tableBlock,
  text,
  type Block,
  type ReportDocument,
} from './document.js';
import { count, duration, estimatedPoints, NO_VALUE, percentWithInterval, unscored, usd } from './format.js';
import { scaleOf, supportText, withDecimals } from './reproduction-table.js';
import { makeTable, type Table } from './tables.js';

type PaperTablePart = PaperPage['tables'][number];

/** The page of the paper as a document. */
export function paperDocument(page: PaperPage): ReportDocument {
  const { tables, resultsFolder, unplaced, unreadable } = page;
  const cells = tables.flatMap((table) => table.cells);
  const nFilled = cells.filter(({ ours }) => ours.length > 0).length;
  return assemble({
    title: 'The paper beside yours',
    lead: [
      text`The published figures of the Self-Taught Evaluators (Wang et al. 2024, arXiv 2408.02666) in percent: ${{ strong: `${cells.length} figures, ${nFilled} with one of yours` }} from ${{ code: resultsFolder }} and recorded results.
        They are of Llama-3-70B-Instruct unless the system says otherwise; a run that starts from another model is not expected to reach them.`,
      text`Support of a published figure: ${supportText()}. A difference is yours minus the paper’s, in points; its interval is that of your figure alone, since the paper’s verdicts are not published, so it is no paired test. Older counts are RewardBench’s before 10 September 2024.
        The twin is a model of the project’s own, so small that it runs in minutes, on pairs of its own world: its figures show that the steps work, and are not comparable with the paper’s.`,
    ],
    sections: {
      ...Object.fromEntries(tables.map((table) => [table.title, blocksOf(table, page)])),
      'Later methods': [
        ...tableBlock(laterTable(page)),
        text`Judges that think before they judge, in percent. They were trained from other models and data than the paper’s, so they are no rows of its tables. An empty cell was not found.`,
      ],
      'Not shown': listBlock([
        ...unplaced.map(
          ({ judge, file }) =>
            `${judge} in ${file}: no system of the paper has that name; say which it stands for: --recorded <system>=<file>`,
        ),
        ...unreadable.map(({ folder, reason }) => `${folder}: ${reason}`),
      ]),
    },
  });
}

function blocksOf(table: PaperTablePart, { experiments }: PaperPage): Block[] {
  const filling = table.experiments.flatMap((file) => experiments.find((each) => each.file === file) ?? []);
  const commands = filling.flatMap(({ command, missing }) => [...pullCommand(missing), command]);
  return [
    ...tableBlock(cellTable(table)),
    text`${table.note}`,
    ...tableBlock(experimentTable(filling)),
    codeBlock('sh', commands.join('\n')),
  ];
}

/** A row: a published figure with one of ours, or with none. */
type Row = PaperCell & { mine: PaperCell['ours'][number] | undefined; isFirst: boolean };

/** The figures of a table, one row for each, and one more for each further one of ours. */
export function cellTable({ cells }: Pick<PaperTablePart, 'cells'>): Table {
  const rows = cells.flatMap((cell): Row[] =>
    (cell.ours.length === 0 ? [undefined] : cell.ours).map((mine, i) => ({
      ...cell,
      mine,
      isFirst: i === 0,
    })),
  );
  const once = (show: (row: Row) => string | null | undefined) => (row: Row) =>
    row.isFirst ? show(row) : '';
  return makeTable(rows, [
    ['system', once(({ published }) => published.system)],
    ['figure', once(({ published }) => published.metric)],
    ['paper', once(({ published }) => withDecimals(published.value))],
    ['support', once(({ published }) => published.support)],
    ['yours [95%]', ({ mine }) => mine && percentWithInterval(mine.estimate)],
    ['difference', ({ mine }) => mine && (differenceOf(mine) ?? mine.note)],
    ['n', ({ mine }) => mine && count(mine.estimate.n)],
    ['unscored', ({ mine }) => mine && unscored(mine.estimate)],
    ['from, or the command that fills it', ({ mine, command }) => mine?.from ?? command ?? NO_VALUE],
    ['scale', once(scaleText), { optional: true }],
    ['embedded twin [95%]', once(({ twin }) => twin && twinText(twin))],
  ]);
}

function differenceOf({ difference }: PaperCell['ours'][number]): string | null {
  // An end below the shown decimals counts as zero.
  return difference && estimatedPoints(difference).replace(/-0\.0\b/g, '+0.0');
}

function twinText({ estimate, note }: NonNullable<PaperCell['twin']>): string {
  const counts = [
    `n ${count(estimate.n)}`,
    `unscored ${unscored(estimate)}`,
    ...(note === undefined ? [] : [note]),
  ];
  return [percentWithInterval(estimate), ...counts].join(', ');
}

function scaleText({ published, isScaleAssumed }: PaperCell): string {
  return isScaleAssumed ? 'assumed' : scaleOf(published).replace('counts before 10 Sep 2024', 'older counts');
}

function experimentTable(experiments: readonly PaperExperiment[]): Table {
  return makeTable(experiments, [
    ['experiment', ({ file }) => file],
    ['scale', ({ scale }) => (scale === 'paper' ? 'of the paper' : 'embedded twin')],
    ['runs finished', ({ nRuns, nFinished }) => (nRuns === 0 ? NO_VALUE : `${nFinished} of ${nRuns}`)],
    ['price of the rest, without training', priceOf],
  ]);
}

function pullCommand(missing: readonly string[]): string[] {
  return missing.length === 0 ? [] : [`npx autodidact data pull ${missing.join(' ')}`];
}

function priceOf({ scale, total, missing, obstacle, nRuns, nFinished }: PaperExperiment): string {
  if (obstacle !== null) return obstacle;
  if (missing.length > 0) return `known once the data is here: ${pullCommand(missing).join('')}`;
  if (nFinished === nRuns) return 'nothing: finished';
  if (total === null) return 'not planned';
  const cost =
    scale === 'embedded' ? 'free' : total.costUsd === null ? 'unknown (no price set)' : usd(total.costUsd);
  const time = total.wallMs === null ? '' : `, about ${duration(total.wallMs)}`;
  return `${cost}, ${count(total.requests)} requests${time}`;
}

function laterTable({ later }: PaperPage): Table {
  return makeTable(later, [
    ['method', ({ method }) => method],
    ['benchmark', ({ benchmark }) => benchmark],
    ['published', ({ value }) => (value === null ? '' : withDecimals(value))],
    ['support', ({ support }) => support],
    ['data set here', ({ dataset }) => dataset],
    ['source', ({ source }) => source],
  ]);
}
