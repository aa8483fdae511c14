// The app: shows the page that the address names.
import { render } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { forgetAsked } from './api.js';
import { ComparePage } from './compare-page.js';
import { notUnderstood } from './bad-address.js';
import { hashOf, placeOf, type Place } from './filter.js';
import { JudgmentsPage } from './judgments-page.js';
import { ReviewPage } from './review-page.js';
import { RunsPage } from './runs-page.js';
import { ALL_RUNS } from './runs-query.js';
import { visibleText } from '../../src/core/text.js';
import { ShareButton, SharedNote } from './share.js';
import { SHARED } from './shared.js';

function pageAt(place: Place) {
  switch (place.page) {
    case 'runs':
      return <RunsPage query={place.query ?? ALL_RUNS} />;
    case 'judgments':
      return <JudgmentsPage key={place.run} place={place} />;
    case 'compare':
      return <ComparePage key={JSON.stringify([place.a, place.b])} place={place} />;
    case 'review':
      return <ReviewPage key={place.run} place={place} />;
  }
}

/** By which a tab is told apart: the page, and what of. */
function titleOf(place: Place): string {
  const judges = place.page === 'compare' ? [place.a, place.b].flatMap((judge) => judge ?? []) : [];
  const names = judges.map(({ run, iteration }) => (iteration === null ? run : `${run}@${iteration}`));
  const about = 'run' in place ? place.run : names.join(' and ');
  const words = `${place.page.charAt(0).toUpperCase()}${place.page.slice(1)} ${about}`.trim();
  return visibleText(`${words} - Autodidact${SHARED ? ': a shared view' : ''}`);
}

/** What a page is about: its address without what is chosen on it. */
function subjectOf(hash: string): string {
  const [page = '', search = ''] = hash.split('?');
  const query = new URLSearchParams(search);
  return [page.replace(/^#?\/?/, ''), query.get('run'), query.get('a'), query.get('b')].join('\n');
}

function App() {
  const [hash, setHash] = useState(location.hash || (SHARED?.hash ?? ''));
  useEffect(() => {
    let before = hash;
    const onChange = (): void => {
      if (subjectOf(before) !== subjectOf(location.hash)) forgetAsked();
      before = location.hash;
      setHash(location.hash);
    };
    addEventListener('hashchange', onChange);
    return () => {
      removeEventListener('hashchange', onChange);
    };
  }, []);
  const place = placeOf(hash);
  const title = titleOf(place);
  useLayoutEffect(() => {
    document.title = title;
  }, [title]);
  const wrong = notUnderstood(hash);
  const isHeld = !SHARED || subjectOf(hash) === subjectOf(SHARED.hash);
  return (
    <>
      <header>
        {SHARED ? <strong>Autodidact</strong> : <a href={hashOf({ page: 'runs' })}>Autodidact</a>}
        {SHARED ? <SharedNote view={SHARED} /> : <ShareButton key={hash} />}
      </header>
      <main>
        {wrong.length === 0 ? null : (
          <p role="alert">{`Not understood in the address, and left out: ${wrong.join('; ')}.`}</p>
        )}
        {isHeld ? pageAt(place) : <p>This file holds only what was shared, see above.</p>}
      </main>
    </>
  );
}

const root = document.getElementById('app');
if (root) {
  root.replaceChildren();
  render(<App />, root);
}
