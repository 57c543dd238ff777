#!/usr/bin/env node
import { exitCodeOfError, sayError } from "./failure.ts";
import { buildProgram } from "./program.ts";
import { leave, leaveWhenNobodyReads } from "./streams.ts";

leaveWhenNobodyReads();
try {
  const program = await buildProgram(process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  sayError(error);
  process.exitCode = exitCodeOfError(error);
}
await leave();
