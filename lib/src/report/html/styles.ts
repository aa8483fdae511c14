// The styles of report pages: light, dark, narrow, wide and print.

/** One style sheet for all pages. Contrast of text is at least 4.5 to 1 in both themes (WCAG 2.2, 1.4.3). */
export const STYLES = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --raised: #f5f6f8; --ink: #1c2128; --quiet: #57606a; --line: #d5dae0; --link: #0757a8;
  --right: #0a6b42; --wrong: #b3261e; --unsure: #7a5200;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --raised: #1d2126; --ink: #e4e8ec; --quiet: #a3adb8; --line: #373e47; --link: #7ab8ff;
    --right: #56d29a; --wrong: #ff8f87; --unsure: #e6b455;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .5rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 2.75rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
h4 { font-size: .8rem; margin: 0 0 .25rem; color: var(--quiet); font-weight: 600; }
small { font-weight: 400; color: var(--quiet); }
p, li, dd { max-width: 46rem; overflow-wrap: anywhere; }
a { color: var(--link); }
a:focus-visible, nav button:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
nav ol { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; margin: 1.5rem 0 0; padding: 0; font-size: .9rem; }
nav button { font: inherit; font-size: .85rem; margin-top: .6rem; padding: .2rem .6rem; color: var(--ink); background: var(--raised); border: 1px solid var(--line); border-radius: 4px; cursor: pointer; }
a.figure { color: inherit; text-decoration: underline dotted var(--quiet); text-underline-offset: .2em; }
a.figure:hover { color: var(--link); text-decoration: underline; }
.bar { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding-bottom: .6rem; border-bottom: 1px solid var(--line); font-size: .9rem; overflow-wrap: anywhere; }
dl { display: grid; gap: .35rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); margin: 0; }
dl div { border-left: 3px solid var(--line); padding-left: .75rem; }
dt { color: var(--quiet); font-size: .85rem; }
dd { margin: 0; }
.scroll { overflow-x: auto; margin: 1rem 0; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: .4rem .7rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
thead th { background: var(--raised); color: var(--quiet); font-weight: 600; white-space: normal; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; }
tbody th { font-weight: 400; white-space: pre; }
td.wide { white-space: normal; min-width: 18rem; }
tbody tr:last-child > * { border-bottom: 0; }
pre { background: var(--raised); border-radius: 6px; padding: .7rem .9rem; margin: 0; overflow: auto; max-height: 26rem;
  white-space: pre-wrap; overflow-wrap: anywhere; font: .85rem/1.5 ui-monospace, monospace; }
code { font: .92em ui-monospace, monospace; background: var(--raised); border-radius: 4px; padding: .1em .3em; }
pre code { background: none; padding: 0; font: inherit; }
details { margin: 1rem 0; }
summary { cursor: pointer; color: var(--link); margin-bottom: .5rem; }
.section { border-top: 1px solid var(--line); margin: 0; }
.section[open] { padding-bottom: 1.5rem; }
.section > summary { color: var(--quiet); padding: .6rem 0; margin: 0; }
.section > summary > h2 { display: inline; border: 0; padding: 0; color: var(--ink); }
.section > summary:hover > h2 { color: var(--link); }
.section > div { scroll-margin-top: 4rem; }
nav + .section { margin-top: 1.5rem; }
.chart { margin: 1.25rem 0; position: relative; }
.chart .drawing { overflow-x: auto; }
.chart svg.marks { max-width: min(100%, 46rem); height: auto; }
.chart .vega-embed, .chart .vega-embed.has-actions { display: block; padding-right: 0; }
figcaption { color: var(--quiet); font-size: .85rem; }
@media screen and (prefers-color-scheme: dark) {
  .chart svg:not(:has(.mark-rect.role-mark)) :is(.mark-line, .mark-rule, .mark-symbol) { filter: brightness(1.35); }
}
.chart .vega-embed summary { background: var(--raised); border-color: var(--line); color: var(--quiet); opacity: .8; }
.chart svg :not(.role-mark) > text { fill: var(--ink); }
.chart svg .role-axis-grid line { stroke: var(--line); }
.chart svg .role-axis-domain line, .chart svg .role-axis-tick line { stroke: var(--quiet); }
.chart svg [class*="words"] > text { fill: var(--ink); }
.vega-bind { display: inline-block; margin: 0 1rem .5rem 0; font-size: .9rem; }
.vega-bind-name { color: var(--quiet); margin-right: .4rem; }
.vega-bind select { font: inherit; max-width: 14rem; }
#vg-tooltip-element table tr td.value { max-width: min(20rem, 55vw); white-space: normal; }
.chart svg path.background { fill: none; stroke: none; }
.chart svg .background { fill: none; }
.pair { border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: .75rem 0; display: grid; gap: .75rem; }
.pair .about { margin: 0; color: var(--quiet); font-size: .85rem; }
.columns { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); }
.judgment pre { border-left: 4px solid var(--line); }
.judgment.right pre { border-left-color: var(--right); }
.judgment.wrong pre { border-left-color: var(--wrong); }
.judgment.tie pre, .judgment.unparsed pre { border-left-color: var(--unsure); }
.right .verdict { color: var(--right); } .wrong .verdict { color: var(--wrong); }
.tie .verdict, .unparsed .verdict { color: var(--unsure); }
.field.better h4 { color: var(--right); }
.assessment { border: 2px solid var(--line); border-left-width: 10px; border-radius: 8px; padding: .8rem 1.1rem; margin: 1rem 0; }
.assessment p { margin: .3rem 0; max-width: none; } .assessment li { max-width: none; margin: .35rem 0; }
.assessment .answer { font-size: 1.1rem; }
.assessment .about { color: var(--quiet); font-size: .85rem; }
.assessment.red { border-color: var(--wrong); } .assessment.amber { border-color: var(--unsure); } .assessment.green { border-color: var(--right); }
li.red > strong, .badge.red strong { color: var(--wrong); } li.amber > strong, .badge.amber strong { color: var(--unsure); }
.badge.green strong { color: var(--right); } .badge { font-size: .85rem; margin: .25rem 0; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); padding: 0; list-style: none; }
.cards li { border: 1px solid var(--line); border-radius: 8px; padding: 1rem; max-width: none; }
.cards h3 { margin: 0 0 .25rem; overflow-wrap: anywhere; }
.cards svg { width: 100%; height: 3.5rem; }
.cards .figure { font-size: 1.25rem; font-variant-numeric: tabular-nums; }
@media (max-width: 48rem) { .chart .vega-embed.has-actions { padding-top: 2.5rem; } }
@media (max-width: 40rem) {
  main { padding: 1rem .8rem 3rem; }
  h1 { font-size: 1.5rem; }
  th, td { padding: .35rem .5rem; }
  tbody th { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 6rem; }
}
@media print {
  :root { --paper: #fff; --raised: #f5f6f8; --ink: #000; --quiet: #444; --line: #bbb; --link: #000; --right: #0a6b42; --wrong: #b3261e; --unsure: #7a5200; }
  main { max-width: none; padding: 0; }
  nav, .bar, .vega-actions, .chart summary { display: none; } a.figure { text-decoration: none; }
  details:not(.vega-embed details)::details-content { content-visibility: visible; }
  .section > summary { list-style: none; }
  .scroll { overflow: visible; } table { font-size: .68rem; } th, td { padding: .2rem .35rem; white-space: normal; }
  figure, .pair, tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
  pre { max-height: none; }
}
`;
