// Checkpoints: what is written is read back, and nothing else is accepted.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '../../lib/src/core/errors.js';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  fingerprintOf,
  readCheckpoint,
  vocabularyHash,
  writeCheckpoint,
} from '../../lib/src/micro/checkpoint.js';
import { tinyShape, tinyWeights } from './tiny-model.js';

const words = ['a', 'b', 'c'];
const checkpoint = {
  shape: tinyShape,
  weights: tinyWeights(),
  metadata: { name: 'tiny', vocabulary_sha256: vocabularyHash(words) },
};
const bytes = encodeCheckpoint(checkpoint);

/** The file with another header, made from the real one. */
function withHeader(change: (header: Record<string, Record<string, unknown>>) => unknown): Uint8Array {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as never;
  const changed = new TextEncoder().encode(JSON.stringify(change(header) ?? header));
  const file = new Uint8Array(8 + changed.length + bytes.length - 8 - length);
  new DataView(file.buffer).setBigUint64(0, BigInt(changed.length), true);
  file.set(changed, 8);
  file.set(bytes.subarray(8 + length), 8 + changed.length);
  return file;
}

/** A copy with the last weight replaced. */
function withLastWeight(weight: number): Uint8Array {
  const file = bytes.slice();
  new DataView(file.buffer).setFloat32(file.length - 4, weight, true);
  return file;
}

describe('checkpoint', () => {
  it('comes back from its bytes as it was', () => {
    assert.deepEqual(
      decodeCheckpoint(bytes, 'file', { vocabularySha256: vocabularyHash(words) }),
      checkpoint,
    );
    assert.deepEqual(encodeCheckpoint(checkpoint), bytes);
  });

  it('comes back from bytes that stand anywhere in a buffer, and under any header length', () => {
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    assert.deepEqual(decodeCheckpoint(shifted.subarray(1), 'file'), checkpoint);
    for (const name of ['x', 'xy', 'xyz']) {
      const file = withHeader((header) => {
        header.__metadata__!.name = name;
      });
      assert.deepEqual(decodeCheckpoint(file, 'file').weights, checkpoint.weights);
    }
  });

  it('comes back from a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'micro-checkpoint-'));
    const path = join(folder, 'deep', 'model.safetensors');
    await writeCheckpoint(path, checkpoint);
    assert.deepEqual(await readCheckpoint(path), checkpoint);
    await assert.rejects(readCheckpoint(join(folder, 'none')), /none: expected a readable file or folder/);
    await rm(folder, { recursive: true });
  });

  it('has a fingerprint of its weights alone', () => {
    const changed = checkpoint.weights.slice();
    changed[0]! += 1e-3;
    assert.match(fingerprintOf(checkpoint.weights), /^[0-9a-f]{64}$/);
    assert.notEqual(fingerprintOf(changed), fingerprintOf(checkpoint.weights));
    assert.equal(fingerprintOf(decodeCheckpoint(bytes, 'file').weights), fingerprintOf(checkpoint.weights));
  });

  it('cannot be written with weights that do not fit its shape', () => {
    const weights = checkpoint.weights.slice(1);
    assert.throws(() => encodeCheckpoint({ ...checkpoint, weights }), /16640 numbers, received 16639/);
  });

  const otherShape = JSON.stringify({ ...tinyShape, heads: 3 });
  const rejections: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /at least 8 bytes, received 0 bytes/],
    [
      'a file cut off in its header',
      bytes.subarray(0, 100),
      /a header of \d+ bytes, .* received a file of 100 bytes/,
    ],
    [
      'a file cut off in its weights',
      bytes.subarray(0, bytes.length - 4),
      /66560 bytes of weights, received 66556/,
    ],
    ['a file with something behind its weights', Uint8Array.of(...bytes, 0, 0, 0, 0), /received 66564/],
    [
      'another kind of file',
      new TextEncoder().encode('PK\u0003\u0004 something else'),
      /expected a header of/,
    ],
    ['a header that is no JSON', bytes.slice().fill(0x7b, 8, 12), /a header in JSON/],
    ['a header that is a list', withHeader(() => []), /a JSON object as the header/],
    ['no metadata', withHeader((h) => ({ ...h, __metadata__: undefined })), /text by key in __metadata__/],
    [
      'metadata that is no text',
      withHeader((h) => {
        h.__metadata__!.n = 1;
      }),
      /text by key/,
    ],
    [
      'no shape',
      withHeader((h) => {
        delete h.__metadata__!.shape;
      }),
      /model's shape .* received none/,
    ],
    [
      'a shape that is no JSON',
      withHeader((h) => {
        h.__metadata__!.shape = '{';
      }),
      /model's shape/,
    ],
    [
      'a shape with a missing size',
      withHeader((h) => {
        h.__metadata__!.shape = '{"width":8}';
      }),
      /numbers vocab/,
    ],
    [
      'a shape that cannot be',
      withHeader((h) => {
        h.__metadata__!.shape = otherShape;
      }),
      /not a multiple of 8 x/,
    ],
    [
      'a missing tensor',
      withHeader((h) => {
        delete h.head;
      }),
      /tensor head as .* received none/,
    ],
    [
      'another type of numbers',
      withHeader((h) => {
        h.head!.dtype = 'F16';
      }),
      /tensor head as .*"F16"/,
    ],
    [
      'another shape of a tensor',
      withHeader((h) => {
        h.head!.shape = [24, 32];
      }),
      /tensor head as/,
    ],
    [
      'another place of a tensor',
      withHeader((h) => {
        h.head!.data_offsets = [0, 3072];
      }),
      /tensor head as/,
    ],
    [
      'a tensor too many',
      withHeader((h) => {
        h.extra = {};
      }),
      /only the tensors of its shape, received extra/,
    ],
    ['a weight that is not a number', withLastWeight(NaN), /finite weights, received NaN at place 16639/],
    ['an infinite weight', withLastWeight(Infinity), /finite weights, received Infinity/],
  ];
  for (const [what, file, message] of rejections) {
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => decodeCheckpoint(file, 'model.safetensors'),
        (thrown: unknown) => {
          assert.ok(thrown instanceof DataError);
          assert.equal(thrown.subject, 'model.safetensors');
          assert.match(thrown.message, message);
          return true;
        },
      );
    });
  }

  it('is refused for another vocabulary, or where it names none', () => {
    const expectation = { vocabularySha256: vocabularyHash(['a', 'c', 'b']) };
    assert.throws(() => decodeCheckpoint(bytes, 'file', expectation), /a model of the vocabulary/);
    const nameless = encodeCheckpoint({ ...checkpoint, metadata: {} });
    assert.throws(() => decodeCheckpoint(nameless, 'file', expectation), /received one that names none/);
  });
});
