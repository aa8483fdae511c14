// Loaded into the kernel before tslab 1.0.22: it makes long outputs arrive whole, and ends the kernel with its parent.
'use strict';
const Module = require('node:module');
const { Worker } = require('node:worker_threads');

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

// A parent that was killed cannot stop its kernel. A thread watches, since a cell may keep this one busy for good.
const watch = `
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid === parent) return;
    for (const target of [-process.pid, process.pid]) {
      try {
        process.kill(target, 'SIGKILL');
      } catch {
        // This process leads no group: it goes alone.
      }
    }
  }, 1000);
`;
new Worker(watch, { eval: true, execArgv: [] }).unref();
