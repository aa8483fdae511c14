// What the server has to know of a checkpoint of the embedded model, read from its bytes.
import { decodeCheckpoint, fingerprintOf, vocabularyHash } from '../checkpoint.js';
import { vocabulary } from '../tokenizer.js';
import type { DescribeCheckpoint } from './model-store.js';

const vocabularySha256 = vocabularyHash(vocabulary);

/** What a checkpoint says about itself. @throws DataError for one that is damaged, or made for another vocabulary */
export const describeCheckpoint: DescribeCheckpoint = (bytes) => {
  const { shape, weights } = decodeCheckpoint(bytes, 'checkpoint of the embedded model', {
    vocabularySha256,
  });
  return { fingerprint: fingerprintOf(weights), contextLength: shape.contextLength };
};
