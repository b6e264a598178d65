#!/usr/bin/env node
import { endsWithParent } from './endsWithParent.js';
import { main } from './main.js';

endsWithParent();
process.exitCode = await main(process.argv.slice(2));
