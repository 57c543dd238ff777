import { CommanderError } from "commander";
import { TelltaleError } from "../errors.ts";
import { stripControlCharacters } from "../report/terminal-style.ts";
import { exitCodes } from "./exit-codes.ts";
import { SignalAbort } from "./signals.ts";

/** The exit code that an error ends the program with. */
export function exitCodeOfError(error: unknown): number {
  if (error instanceof SignalAbort) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (error instanceof TelltaleError && error.code === "USAGE") return exitCodes.usage;
  return exitCodes.failed;
}

/** Says what went wrong on stderr, in one sentence; what was asked for, such as help, is no error. */
export function sayError(error: unknown): void {
  if (error instanceof CommanderError) {
    const isAsked = error.exitCode === 0 || error.code === "commander.help";
    if (!isAsked) say(error.message.replace(/^error: /, ""));
  } else if (error instanceof TelltaleError || error instanceof SignalAbort) {
    say(error.message);
  } else {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`telltale: Something happened that telltale did not expect.\n${stack}\n`);
  }
}

/** One line on stderr. */
export function say(sentence: string): void {
  process.stderr.write(`telltale: ${stripControlCharacters(sentence)}\n`);
}

/** A file that training goes on without. */
export function leftOut({ path, reason }: { readonly path: string; readonly reason: string }): string {
  return `left out ${path}: ${reason}`;
}
