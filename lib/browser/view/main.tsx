// The app: shows the page that the address names.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { hashOf, placeOf } from './filter.js';
import { JudgmentsPage } from './judgments-page.js';
import { RunsPage } from './runs-page.js';

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
      <main>{place.page === 'runs' ? <RunsPage /> : <JudgmentsPage key={place.run} place={place} />}</main>
    </>
  );
}

const root = document.getElementById('app');
if (root) {
  root.replaceChildren();
  render(<App />, root);
}
