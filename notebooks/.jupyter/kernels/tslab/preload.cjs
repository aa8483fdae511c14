// Loaded into the kernel before tslab 1.0.22: it makes long outputs arrive whole, and ends the kernel with its parent.
'use strict';
const Module = require('node:module');

// zeromq 6 refuses the 513th send of a tick that nobody awaited, and tslab awaits none: a cell that prints more lines would lose
// them and the message that says it is done. Without a send timeout every send is synchronous; without a high-water mark none is dropped.
const load = Module._load;
let zeromq;
Module._load = function (request, ...rest) {
  const loaded = load.call(this, request, ...rest);
  if (request !== 'zeromq') return loaded;
  zeromq ??= {
    ...loaded,
    __esModule: true,
    Publisher: class extends loaded.Publisher {
      constructor(options) {
        super({ ...options, sendTimeout: 0, sendHighWaterMark: 0 });
      }
    },
  };
  return zeromq;
};

// A parent that was killed cannot stop its kernel.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, 1000).unref();
