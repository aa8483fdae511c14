// The public face of the package: its names, their TSDoc, and their examples as programs.
import ts from 'typescript';

/** What `autodidact` exports. A name that is added here needs TSDoc with an example; what no notebook needs goes to a subpath. */
export const PUBLIC_NAMES = [
  'accuracyChartSpec',
  'assumptionLines',
  'AutodidactError',
  'BudgetError',
  'chartNamed',
  'chartsOf',
  'compareInputs',
  'comparisonBlocks',
  'comparisonSentence',
  'comparisonTable',
  'ConfigError',
  'count',
  'curvesSpec',
  'DataError',
  'EvaluatedItem',
  'exportSet',
  'Instruction',
  'intervalChartSpec',
  'IterationMetrics',
  'iterationTable',
  'JudgeComparison',
  'Judgment',
  'loadPack',
  'makeReport',
  'methodDiagram',
  'ModelError',
  'percent',
  'percentWithInterval',
  'planExperiment',
  'planTable',
  'pointsWithInterval',
  'pValue',
  'readBenchmark',
  'readIteration',
  'readIterations',
  'readTokenLogprobs',
  'reliabilityChartSpec',
  'runExperiment',
  'runHere',
  'runMatrixHere',
  'RunResult',
  'scoreRecorded',
  'selectionDropTable',
  'selectionTable',
  'selectToFile',
  'showBlocks',
  'showChart',
  'showExplorer',
  'showMarkdown',
  'showProgress',
  'showSection',
  'showSvg',
  'showTable',
  'startEmbeddedServer',
  'tokenChartSpec',
  'TokenLogprobs',
  'Verdict',
  'verdictProbability',
  'verdictScore',
  'writeReport',
] as const;

/** One exported name and its TSDoc. */
export interface PublicName {
  name: string;
  description: string;
  /** The code of its examples. */
  examples: string[];
}

/** The names that a declaration file exports, those that it exports again included. */
export function publicNames(path: string, options: ts.CompilerOptions): PublicName[] {
  const program = ts.createProgram([path], options);
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const module = file && checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${path}: expected a module`);
  return checker.getExportsOfModule(module).map((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    return {
      name: exported.name,
      description: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
      examples: symbol
        .getJsDocTags(checker)
        .filter(({ name }) => name === 'example')
        .map(({ text }) => ts.displayPartsToString(text).replaceAll(/^```.*$/gm, '')),
    };
  });
}

/** What examples may use without making it. */
const PRELUDE = `
  declare const run: RunResult;
  declare const report: Awaited<ReturnType<typeof makeReport>>;
  declare const plan: Awaited<ReturnType<typeof planExperiment>>;
  declare const comparison: Awaited<ReturnType<typeof compareInputs>>;
  declare const selection: NonNullable<Awaited<ReturnType<typeof selectToFile>>['selection']>;
  declare const tokens: TokenLogprobs[];
  declare const signal: AbortSignal;`;

/** A program of examples: each in a block of its own, with everything that the package exports at hand. */
export function exampleProgram(examples: readonly string[]): string {
  const imports = `import { ${PUBLIC_NAMES.join(', ')} } from 'autodidact';`;
  return [imports, PRELUDE, ...examples.map((code) => `{\n${code}\n}`)].join('\n');
}
