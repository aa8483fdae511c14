// What danfojs-node asks of @tensorflow/tfjs-node: the tensors on the CPU backend, and a data set that shuffles.
'use strict';
const tensors = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops');
require('@tensorflow/tfjs-backend-cpu');
const seedrandom = require('seedrandom');

// Without this the CPU backend advises to install the native one.
tensors.env().set('IS_TEST', true);

/** The three methods of a tf.data array that DataFrame.sample() uses. */
class ArrayDataset {
  constructor(items) {
    this.items = items;
  }

  /** Fisher and Yates, seeded as asked. */
  shuffle(_bufferSize, seed) {
    const random = seedrandom(seed === undefined ? undefined : String(seed));
    const items = [...this.items];
    for (let i = items.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [items[i], items[j]] = [items[j], items[i]];
    }
    return new ArrayDataset(items);
  }

  take(count) {
    return new ArrayDataset(this.items.slice(0, count));
  }

  async toArray() {
    return this.items;
  }
}

module.exports = { ...tensors, data: { array: (items) => new ArrayDataset(items) } };
