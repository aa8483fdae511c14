import assert from 'node:assert/strict';
import { sha256 } from '../../lib/src/core/hash.js';
import { deriveRandom } from '../../lib/src/core/random.js';
import { CompletionStore } from '../../lib/src/store/index.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { withStore } from './store-fixture.js';

describe('the completion store with many entries', () => {
  it('finds whatever several stores put, in whatever order it is asked for, and however often they are reopened', () =>
    inTemporaryFolder(async (folder) => {
      const random = deriveRandom(1, 'completion-store.test');
      const nStores = 4;
      const nRounds = 5;
      const expected = new Map<string, string>();
      for (let round = 0; round < nRounds; round++) {
        const stores = Array.from(
          { length: nStores },
          (_, i) => new CompletionStore({ folder, segmentName: `${round}-${i}` }),
        );
        // 20,000 entries a round on lines of 1 to 20, over three models: 100,000 in all.
        const puts: Promise<void>[] = [];
        for (let nPut = 0; nPut < 20_000;) {
          const partition = `model ${random.below(3)}`;
          const added = Array.from({ length: Math.min(1 + random.below(20), 20_000 - nPut) }, () => {
            const key = sha256(`${round} ${nPut++}`);
            const completion = { text: key.slice(0, random.below(60)), finishReason: 'stop' };
            expected.set(`${partition} ${key}`, completion.text);
            return { key, completion };
          });
          puts.push(random.pick(stores).put(partition, added));
        }
        await Promise.all(puts);
        await Promise.all(stores.map((store) => store.close()));
      }
      assert.equal(expected.size, 100_000);
      await withStore(folder, 'reader', async (store) => {
        let nWrong = 0;
        for (const partition of ['model 0', 'model 1', 'model 2']) {
          const names = [...expected.keys()].filter((name) => name.startsWith(partition));
          const order = random.shuffled(names);
          // A few keys at a time, as of one request; those of one line are seldom among them.
          for (let at = 0; at < order.length; at += 10) {
            const asked = order.slice(at, at + 10);
            const keys = asked.map((name) => name.slice(partition.length + 1));
            const found = await store.getAll(partition, keys);
            asked.forEach((name, i) => (nWrong += found[i]?.text === expected.get(name) ? 0 : 1));
          }
        }
        assert.equal(nWrong, 0);
        assert.equal(await store.nDamaged(), 0);
      });
    }));
});
