#!/usr/bin/env node
// The command `autodidact`; everything it does is in dist/cli.
import { main } from '../dist/cli/main.js';

process.exitCode = await main(process.argv);
