#!/usr/bin/env node
/** `npx crossfade`: what operators do, the same in AWS and on one machine. */
import { run } from './program.ts';

const code = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
});
if (code !== undefined) process.exitCode = code;
