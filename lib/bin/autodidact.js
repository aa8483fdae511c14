#!/usr/bin/env node
// The command `autodidact`; everything it does is in dist/cli.
try {
  const { main } = await import('../dist/cli/main.js');
  process.exitCode = await main(process.argv);
} catch (thrown) {
  if (thrown?.code !== 'EMFILE' && thrown?.code !== 'ENFILE') throw thrown;
  process.stderr.write(
    'error: expected to open about 1,000 files at once, received a limit below that (ulimit -n). Raise it: ulimit -n 4096\n',
  );
  process.exitCode = 1;
}
