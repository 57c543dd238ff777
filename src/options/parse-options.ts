import { z } from "zod";
import { TelltaleError } from "../errors.ts";
import { nearest } from "./nearest.ts";

/** The part of a property's JSON Schema that flags and sentences are made from. */
export interface OptionDescription {
  /** `array` for an option that may be given several times. */
  readonly type?: "integer" | "number" | "string" | "boolean" | "array";
  /** What each of them is. */
  readonly items?: OptionDescription;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  /** Stands for the value in `--help`, e.g. `N`. */
  readonly placeholder?: string;
}

/** What a schema says of each of its options, by name and in its order. */
export function describeOptions(schema: z.ZodObject): Record<string, OptionDescription> {
  return (z.toJSONSchema(schema, { io: "input" }).properties ?? {}) as Record<string, OptionDescription>;
}

/**
 * Checks options against their schema and fills in defaults.
 *
 * @param nameOf how the caller knows an option, e.g. `--frames` for `frames`; its bare name when left out
 * @throws TelltaleError `USAGE` with one sentence: what was expected, for which option, what came
 */
export function parseOptions<Schema extends z.ZodObject>(
  schema: Schema,
  values: unknown,
  nameOf: (option: string) => string = (option) => option,
): z.output<Schema> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const option = String(issue.path[0] ?? "");
  throw new TelltaleError("USAGE", sentenceOf(issue, option), { cause: parsed.error });

  function sentenceOf(issue: z.core.$ZodIssue, option: string): string {
    if (issue.code === "custom") return issue.message;
    const descriptions = describeOptions(schema);
    if (issue.code === "unrecognized_keys") {
      const unknown = issue.keys[0]!;
      const known = nearest(unknown, Object.keys(descriptions));
      return `Expected a known option but received ${nameOf(unknown)}; the nearest one is ${nameOf(known)}.`;
    }
    if (option === "") return `Expected an object of options but received ${show(values)}.`;
    const value = (values as Record<string, unknown>)[option];
    if (value === undefined) return missing(nameOf(option), descriptions[option]!);
    const received = show(value);
    return `Expected ${expectation(descriptions[option]!)} for ${nameOf(option)} but received ${received}.`;
  }
}

/** e.g. `Expected --out DIR but it was not given: Folder of the run.` */
function missing(name: string, { placeholder, description = "" }: OptionDescription): string {
  const [meaning] = description.split(/(?<=\.)\s(?=[A-Z])/);
  const called = placeholder === undefined ? name : `${name} ${placeholder}`;
  return `Expected ${called} but it was not given: ${meaning!.replace(/[.;:]?$/, ".")}`;
}

/** What an option takes, e.g. `a whole number from 1 to 64`. */
export function expectation(option: OptionDescription): string {
  if (option.items) return expectation(option.items);
  if (option.enum) return `one of ${option.enum.join(", ")}`;
  if (option.type === "boolean") return "true or false";
  if (option.type === "string") return "a text that is not empty";
  const noun = option.type === "integer" ? "a whole number" : "a number";
  const { exclusiveMinimum } = option;
  const [minimum, maximum] = [stated(option.minimum), stated(option.maximum)];
  if (exclusiveMinimum !== undefined) return `${noun} above ${exclusiveMinimum}${atMost(maximum)}`;
  if (minimum === undefined) return `${noun}${atMost(maximum)}`;
  return maximum === undefined ? `${noun}, at least ${minimum}` : `${noun} from ${minimum} to ${maximum}`;
}

/** Of every whole number JSON Schema says how far one can count exactly, which is no limit that anybody set. */
function stated(limit: number | undefined): number | undefined {
  return limit !== undefined && Math.abs(limit) === Number.MAX_SAFE_INTEGER ? undefined : limit;
}

function atMost(maximum: number | undefined): string {
  return maximum === undefined ? "" : `, at most ${maximum}`;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.map(show).join(", ") || "an empty list";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
