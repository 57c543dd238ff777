import { appendFile, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { TelltaleError } from "../errors.ts";
import { makeFolder, writeWhole } from "../files/write-file.ts";

/**
 * The folder of a run: `options.json` (written before the first step), `stats.jsonl` (one line every few steps),
 * `checkpoint.json` and `checkpoint-STEP.bin`.
 */
export class RunFolder {
  readonly path: string;
  /** Options that this resume changes: old and new value by name. */
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;
  #hasLogged = false;

  private constructor(path: string, changes: RunFolder["changes"] = {}) {
    this.path = path;
    this.changes = changes;
  }

  /**
   * Starts or resumes a run.
   *
   * @param rules.mayChange options that a resumed run may change; `changes` lists them
   * @param rules.free options that do not affect the result, e.g. paths; they may change too and are not listed
   * @throws TelltaleError `RUN_INVALID` if the folder holds a run and `resume` is false, if there is no run to resume, or if
   *   other options differ from the first start; `OUTPUT_UNWRITABLE`
   */
  static async open(
    path: string,
    options: object,
    resume: boolean,
    { mayChange = [], free = [] }: { mayChange?: readonly string[]; free?: readonly string[] } = {},
  ): Promise<RunFolder> {
    const file = join(path, "options.json");
    const written = await readFile(file, "utf8").catch(() => null);
    const text = `${JSON.stringify(options, null, 2)}\n`;
    if (written === null) {
      if (resume) {
        throw new TelltaleError(
          "RUN_INVALID",
          `Expected a run to resume in ${path}, but there is none. Leave --resume out.`,
        );
      }
      await makeFolder(path);
      await writeWhole(file, text);
    } else if (!resume) {
      throw new TelltaleError(
        "RUN_INVALID",
        `${path} already holds a run. Add --resume to continue it, or name another folder.`,
      );
    } else {
      const before: Record<string, unknown> = JSON.parse(written);
      const now: Record<string, unknown> = JSON.parse(text);
      const changed = differences(before, now).filter((name) => !free.includes(name));
      const differing = changed.filter((name) => !mayChange.includes(name));
      if (differing.length > 0) {
        throw new TelltaleError(
          "RUN_INVALID",
          `Expected the options of the run in ${path} (options.json), but these differ: ${differing.join(", ")}. Resume with the same options, or start a new run in another folder.`,
        );
      }
      await writeWhole(file, text);
      if (changed.length > 0) {
        return new RunFolder(
          path,
          Object.fromEntries(changed.map((name) => [name, [before[name], now[name]]])),
        );
      }
    }
    return new RunFolder(path);
  }

  async log(stats: object): Promise<void> {
    const file = join(this.path, "stats.jsonl");
    // A killed run may have left an incomplete line; a newline separates it from this one.
    const isWhole = this.#hasLogged || (await endsWithNewline(file));
    this.#hasLogged = true;
    await appendFile(file, `${isWhole ? "" : "\n"}${JSON.stringify(stats)}\n`);
  }

  /** Logs the stats unless they equal the last line. */
  async logOnce(stats: object): Promise<void> {
    const text = await readFile(join(this.path, "stats.jsonl"), "utf8").catch(() => "");
    if (text.trimEnd().split("\n").at(-1) !== JSON.stringify(stats)) await this.log(stats);
  }

  /** Saves a checkpoint. The arrays are written before the state that names them, so an interrupt leaves a valid one. */
  async saveCheckpoint<State extends { step: number }>(
    state: State,
    arrays: readonly Float32Array[],
  ): Promise<void> {
    const name = `checkpoint-${state.step}.bin`;
    const bytes = Buffer.concat(arrays.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength)));
    await writeWhole(join(this.path, name), bytes);
    const text = JSON.stringify({ ...state, file: name, lengths: arrays.map((a) => a.length) });
    await writeWhole(join(this.path, "checkpoint.json"), text);
    // Removes earlier checkpoints, and temporary files of a killed run.
    const others = (await readdir(this.path)).filter((other) => /^\.?checkpoint-.*\.bin/.test(other));
    for (const other of others) if (other !== name) await rm(join(this.path, other), { force: true });
  }

  /**
   * @returns the last checkpoint; null if there is none
   * @throws TelltaleError `RUN_INVALID` if it is damaged
   */
  async loadCheckpoint<State extends { step: number }>(): Promise<{
    state: State;
    arrays: Float32Array[];
  } | null> {
    const stored = await this.#readState();
    if (stored === null) return null;
    const path = join(this.path, stored.file);
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    const expected = 4 * stored.lengths.reduce((sum, length) => sum + length, 0);
    if (bytes.length !== expected) {
      const sentence = `Expected ${expected} bytes in the checkpoint ${path}, but there are ${bytes.length}: it is damaged. Start a new run in another folder.`;
      throw new TelltaleError("RUN_INVALID", sentence);
    }
    const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    let offset = 0;
    const arrays = stored.lengths.map((length) => {
      offset += length;
      return all.slice(offset - length, offset);
    });
    return { state: stored as unknown as State, arrays };
  }

  async #readState(): Promise<{ step: number; file: string; lengths: number[] } | null> {
    const text = await readFile(join(this.path, "checkpoint.json"), "utf8").catch(() => null);
    if (text === null) return null;
    try {
      return JSON.parse(text);
    } catch (cause) {
      const sentence = `Expected JSON in ${join(this.path, "checkpoint.json")}, but it is damaged. Start a new run in another folder.`;
      throw new TelltaleError("RUN_INVALID", sentence, { cause });
    }
  }
}

async function endsWithNewline(path: string): Promise<boolean> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text === "" || text.endsWith("\n");
}

/** Names of the options that differ, sorted. */
function differences(before: Record<string, unknown>, now: Record<string, unknown>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], now[name])).sort();
}
