// Runs in report pages: opens all sections on request, and, in browsers that do not do so by themselves, what a link leads to or paper shows.

/** What is folded, from the outside in; menus of charts are none of it. */
const folded = [...document.querySelectorAll<HTMLDetailsElement>('main details')];

/** Opens what hides the place that the address names. */
function openNamed(): void {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const hiding = folded.filter((each) => !each.open && place && each.contains(place));
  for (const each of hiding) each.open = true;
  if (hiding.length > 0) place?.scrollIntoView();
}

openNamed();
addEventListener('hashchange', openNamed);

let openedForPrint: HTMLDetailsElement[] = [];
addEventListener('beforeprint', () => {
  openedForPrint = folded.filter(({ open }) => !open);
  for (const each of openedForPrint) each.open = true;
});
addEventListener('afterprint', () => {
  for (const each of openedForPrint) each.open = false;
});

const contents = document.querySelector('nav[aria-label="Contents"]');
if (contents) {
  const button = document.createElement('button');
  button.textContent = 'Open all sections';
  button.addEventListener('click', () => {
    const isAllOpen = folded.every(({ open }) => open);
    for (const each of folded) each.open = !isAllOpen;
    button.textContent = isAllOpen ? 'Open all sections' : 'Close all sections';
  });
  contents.append(button);
}
