import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { TelltaleError } from "../errors.ts";

/**
 * Reads a manifest and checks it against its schema.
 *
 * @param options.expected what the file should hold, for the error sentence, e.g. `a model manifest of schema 2`
 * @param options.missing the error sentence when there is no such file
 * @param options.checkVersion called with the parsed JSON before the schema check
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`
 */
export async function readCheckedJson<Schema extends z.ZodType>(
  path: string,
  {
    schema,
    expected,
    missing,
    checkVersion,
  }: {
    readonly schema: Schema;
    readonly expected: string;
    readonly missing: string;
    readonly checkVersion?: (json: unknown) => void;
  },
): Promise<z.output<Schema>> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new TelltaleError("MODEL_MISSING", missing, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TelltaleError("MODEL_INVALID", `Expected JSON in ${path}, but it does not parse.`, { cause });
  }
  checkVersion?.(json);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new TelltaleError(
    "MODEL_INVALID",
    `Expected ${expected} in ${path}, but "${issue.path.join(".")}" is wrong: ${issue.message}.`,
  );
}
