// The style of a notebook's page: light and dark by the reader's choice, at 390 px as at 1280 px, and on paper.

/** CSS without external fonts and pictures. */
export const PAGE_STYLE = `:root {
  color-scheme: light dark;
  --ink: #1f2328; --paper: #fff; --shade: #f5f6f8; --line: #d5d9df; --faint: #5b6470; --link: #0a58b0;
  --error-ink: #8f1d1d; --error-shade: #fdf0ef; --warn-shade: #fdf6e3;
  --keyword: #8b2a8b; --string: #1a6b35; --number: #0b5a9c; --comment: #5b6470; --name: #7a4300;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e3e6ea; --paper: #15181c; --shade: #1f242a; --line: #3a424c; --faint: #9aa4b0; --link: #7db8f5;
    --error-ink: #ffb4ab; --error-shade: #381d1c; --warn-shade: #2e2817;
    --keyword: #d9a1e8; --string: #93d3a2; --number: #8fc4f4; --comment: #9aa4b0; --name: #e8bd8a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1rem 1rem 4rem; }
h1, h2, h3 { line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin-top: 2.2em; }
p, li { max-width: 44rem; overflow-wrap: anywhere; }
a { color: var(--link); }
pre, code { font: 0.85rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { margin: 0; padding: 0.6rem 0.8rem; overflow-x: auto; }
pre code { font-size: inherit; }
:not(pre) > code { background: var(--shade); padding: 0.1em 0.3em; border-radius: 3px; }
.code { margin: 1rem 0; }
.source, .text pre, .raw pre { background: var(--shade); border: 1px solid var(--line); border-radius: 6px; }
.stdout, .stderr, .error { max-height: 32rem; overflow: auto; }
.stderr { background: var(--warn-shade); }
.error { color: var(--error-ink); background: var(--error-shade); white-space: pre-wrap; overflow-wrap: anywhere; }
.rich, .picture, .text { overflow-x: auto; }
.rich, .picture { padding: 0.4rem 0; }
.picture img { background: #fff; border-radius: 4px; }
.drawn img { background: none; }
img { max-width: 100%; height: auto; }
.note, caption { color: var(--faint); font-size: 0.9rem; text-align: left; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.5rem; border-bottom: 1px solid var(--line); vertical-align: top; text-align: left; }
th { border-bottom-width: 2px; }
@media screen and (max-width: 48rem) {
  table { width: max-content; }
  th, td { max-width: 16rem; overflow-wrap: break-word; }
}
blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--faint); }
.hljs-keyword, .hljs-built_in, .hljs-literal { color: var(--keyword); }
.hljs-string, .hljs-regexp { color: var(--string); }
.hljs-number { color: var(--number); }
.hljs-comment { color: var(--comment); }
.hljs-title, .hljs-attr, .hljs-type { color: var(--name); }
@media print {
  :root { --ink: #000; --paper: #fff; --shade: #f7f7f7; --line: #bbb; --faint: #444; --link: #000; --error-ink: #700;
    --error-shade: #fff; --warn-shade: #fff; --keyword: #505; --string: #040; --number: #036; --comment: #444; --name: #420; }
  main { max-width: none; padding: 0; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  .stdout, .stderr, .error { max-height: none; overflow: visible; }
  .picture, tr { break-inside: avoid; }
  h1, h2, h3 { break-after: avoid; }
}
`;
