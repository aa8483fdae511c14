// The app: shows the page that the address names.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { hashOf, placeOf, type Place } from './filter.js';
import { JudgmentsPage } from './judgments-page.js';
import { ReviewPage } from './review-page.js';
import { RunsPage } from './runs-page.js';
import { ALL_RUNS } from './runs-query.js';

function pageAt(place: Place) {
  switch (place.page) {
    case 'runs':
      return <RunsPage query={place.query ?? ALL_RUNS} />;
    case 'judgments':
      return <JudgmentsPage key={place.run} place={place} />;
    case 'review':
      return <ReviewPage key={place.run} run={place.run} />;
  }
}

function App() {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const onChange = (): void => {
      setHash(location.hash);
    };
    addEventListener('hashchange', onChange);
    return () => {
      removeEventListener('hashchange', onChange);
    };
  }, []);
  const place = placeOf(hash);
  return (
    <>
      <header>
        <a href={hashOf({ page: 'runs' })}>Autodidact</a>
      </header>
      <main>{pageAt(place)}</main>
    </>
  );
}

const root = document.getElementById('app');
if (root) {
  root.replaceChildren();
  render(<App />, root);
}
