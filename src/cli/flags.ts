import { type Command, Option } from "commander";
import type { z } from "zod";
import {
  describeOptions,
  expectation,
  type OptionDescription,
  parseOptions,
} from "../detection/parse-options.ts";

/** Gives a command one flag for each option of a schema: its name, value, default and description come from there. */
export function addFlags(command: Command, schema: z.ZodObject): void {
  for (const [name, description] of Object.entries(describeOptions(schema))) {
    const flag = `${flagOf(name)}${description.type === "boolean" ? "" : ` <${description.placeholder ?? "VALUE"}>`}`;
    command.addOption(new Option(flag, helpOf(description)));
  }
}

/**
 * The options of a schema from the flags that were given; flags of other schemas are passed over.
 *
 * @throws TelltaleError `USAGE` in one sentence that names the flag
 */
export function readFlags<Schema extends z.ZodObject>(
  schema: Schema,
  flags: Record<string, unknown>,
): z.output<Schema> {
  const values: Record<string, unknown> = {};
  for (const [name, { type }] of Object.entries(describeOptions(schema))) {
    const given = flags[name];
    if (given !== undefined) values[name] = type === "integer" || type === "number" ? toNumber(given) : given;
  }
  return parseOptions(schema, values, flagOf);
}

/** `maxSidePx` -> `--max-side-px`. */
function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** What `--help` and the README say of an option: description, range, default. */
export function helpOf(option: OptionDescription): string {
  const { description = "", default: preset, type } = option;
  const isRanged = option.enum !== undefined || type === "integer" || type === "number";
  const notes = [
    ...(isRanged ? [expectation(option)] : []),
    ...(preset === undefined || preset === false ? [] : [`default ${preset}`]),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join("; ")})`;
}

// What is no number stays a text, so that the sentence shows it as it was typed.
function toNumber(given: unknown): unknown {
  const number = typeof given === "string" && given.trim() !== "" ? Number(given) : Number.NaN;
  return Number.isNaN(number) ? given : number;
}
