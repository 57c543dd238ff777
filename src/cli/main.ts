#!/usr/bin/env node
import { exitCodeOfError, sayError } from "./failure.ts";
import { buildProgram } from "./program.ts";
import { leave, leaveWhenNobodyReads } from "./streams.ts";

leaveWhenNobodyReads();
try {
  await buildProgram().parseAsync();
} catch (error) {
  sayError(error);
  process.exitCode = exitCodeOfError(error);
}
await leave();
