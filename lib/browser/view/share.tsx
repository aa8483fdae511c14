// Sharing what is shown as one file, and what such a file says of itself.
import { useState } from 'preact/hooks';
import { toMinute } from '../../src/report/format.js';
import type { SharedView } from '../../src/view/view-records.js';
import { shareView } from './api.js';
import { countsInWords } from './shared.js';

/** Downloads the place at hand as one file, and says what it holds. */
export function ShareButton() {
  const [said, setSaid] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const share = async (): Promise<void> => {
    setBusy(true);
    setSaid('writing the file…');
    try {
      const { file, counts } = await shareView();
      const link = document.createElement('a');
      link.href = URL.createObjectURL(file);
      link.download = fileName(location.hash);
      link.click();
      URL.revokeObjectURL(link.href);
      const held = counts.length === 0 ? '' : `: ${countsInWords(counts)}`;
      setSaid(`saved, ${(file.size / 1e6).toFixed(1)} MB${held}`);
    } catch (thrown) {
      setSaid(`not shared: ${String(thrown)}`);
    } finally {
      setBusy(false);
    }
  };
  return (
    <span class="share">
      <span role="status">{said}</span>{' '}
      <button
        disabled={isBusy}
        title="One HTML file that needs no network"
        onClick={() => {
          void share();
        }}
      >
        share
      </button>
    </span>
  );
}

function fileName(hash: string): string {
  const [page = '', search = ''] = hash.split('?');
  const about = `autodidact ${page} ${new URLSearchParams(search).get('run') ?? ''}`;
  return `${about
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .join('-')
    .slice(0, 80)}.html`;
}

/** What a shared file holds. */
export function SharedNote({ view: { at, counts, hash } }: { view: SharedView }) {
  const when = `${toMinute(at)} UTC`;
  const held = counts.length === 0 ? '' : ` It holds ${countsInWords(counts)}.`;
  return (
    <p role="note" class="share">
      <a href={hash}>Shared</a>
      {` on ${when}, as it was then; this file asks no network.${held}`}
    </p>
  );
}
