import { type Command, Option } from "commander";
import type { z } from "zod";
import {
  describeOptions,
  expectation,
  type OptionDescription,
  parseOptions,
} from "../options/parse-options.ts";

/** Gives a command one flag for each option of a schema: its name, value, default and description come from there. */
export function addFlags(command: Command, schema: z.ZodObject): void {
  for (const [name, description] of Object.entries(describeOptions(schema))) {
    // What is on by default has a flag that turns it off.
    const isOn = description.type === "boolean" && description.default === true;
    const flag = isOn ? `--no-${flagOf(name).slice(2)}` : flagOf(name);
    command.addOption(new Option(`${flag}${argumentOf(description)}`, helpOf(description)));
  }
}

// A list takes all words up to the next flag.
function argumentOf({ type, placeholder = "VALUE" }: OptionDescription): string {
  if (type === "boolean") return "";
  return type === "array" ? ` <${placeholder}...>` : ` <${placeholder}>`;
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
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** What `--help` and the README say of an option: description, range, default. */
export function helpOf(option: OptionDescription): string {
  const { description = "", default: preset, type } = option;
  const isRanged = (option.items ?? option).enum !== undefined || type === "integer" || type === "number";
  const isEmpty =
    preset === undefined ||
    typeof preset === "boolean" ||
    preset === "" ||
    (Array.isArray(preset) && preset.length === 0);
  const notes = [...(isRanged ? [expectation(option)] : []), ...(isEmpty ? [] : [`default ${preset}`])];
  return notes.length === 0 ? description : `${description} (${notes.join("; ")})`;
}

// What is no number stays a text, so that the sentence shows it as it was typed.
function toNumber(given: unknown): unknown {
  const number = typeof given === "string" && given.trim() !== "" ? Number(given) : Number.NaN;
  return Number.isNaN(number) ? given : number;
}
