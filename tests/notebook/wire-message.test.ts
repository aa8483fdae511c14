import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { requestOf, signedFrames, verifiedMessage } from '../../lib/src/notebook/kernel/wire-message.js';

const bytes = (frames: readonly string[]): Buffer[] => frames.map((frame) => Buffer.from(frame));

describe('messages of a kernel', () => {
  const request = requestOf('execute_request', 'session', { code: '1 + 1' });

  it('are signed over header, parent, metadata and content', () => {
    const [delimiter, signature, ...parts] = signedFrames(request, 'key');
    assert.equal(delimiter, '<IDS|MSG>');
    assert.equal(parts.length, 4);
    assert.equal(signature, createHmac('sha256', 'key').update(parts.join('')).digest('hex'));
  });

  it('are read behind any routing prefix', () => {
    const frames = bytes(['subscription', ...signedFrames(request, 'key')]);
    assert.deepEqual(verifiedMessage(frames, 'key'), {
      type: 'execute_request',
      parentId: null,
      content: { code: '1 + 1' },
    });
  });

  it('are refused when another key signed them', () => {
    assert.throws(() => verifiedMessage(bytes(signedFrames(request, 'other')), 'key'), /signature/);
  });

  it('are refused when a part was changed after signing', () => {
    const frames = signedFrames(request, 'key');
    frames[5] = JSON.stringify({ code: 'process.exit()' });
    assert.throws(() => verifiedMessage(bytes(frames), 'key'), /signature/);
  });

  it('are refused when frames are missing', () => {
    assert.throws(() => verifiedMessage(bytes(['<IDS|MSG>', 'x']), 'key'), /too few frames/);
    assert.throws(() => verifiedMessage([], 'key'), /too few frames/);
  });
});
