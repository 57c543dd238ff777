import { appendFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { TelltaleError } from "../errors.ts";

/**
 * Everything that a run leaves behind: `options.json` (written before the first step), `stats.jsonl` (a line every
 * few steps), `checkpoint.json` with `checkpoint.bin`.
 */
export class RunFolder {
  readonly path: string;
  /** Options that are others from here on: what they were, and what they are. */
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;

  private constructor(path: string, changes: RunFolder["changes"] = {}) {
    this.path = path;
    this.changes = changes;
  }

  /**
   * Begins a run, or goes on with one.
   *
   * @param mayChange options that may be others than those it began with; options.json then says what they are now
   * @throws TelltaleError `RUN_INVALID` when the folder holds a run and `resume` is false, when there is none to
   *   resume, or when the options differ from those it began with
   */
  static async open(
    path: string,
    options: object,
    resume: boolean,
    mayChange: readonly string[] = [],
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
      await mkdir(path, { recursive: true });
      await writeFile(file, text);
    } else if (!resume) {
      throw new TelltaleError(
        "RUN_INVALID",
        `${path} already holds a run. Add --resume to go on, or name another folder.`,
      );
    } else {
      const before: Record<string, unknown> = JSON.parse(written);
      const now: Record<string, unknown> = JSON.parse(text);
      const changed = differences(before, now);
      const differing = changed.filter((name) => !mayChange.includes(name));
      if (differing.length > 0) {
        throw new TelltaleError(
          "RUN_INVALID",
          `Expected the options that the run in ${path} began with (options.json), but these differ: ${differing.join(", ")}. Resume with the same, or begin anew elsewhere.`,
        );
      }
      if (changed.length > 0) {
        await writeFile(file, text);
        return new RunFolder(
          path,
          Object.fromEntries(changed.map((name) => [name, [before[name], now[name]]])),
        );
      }
    }
    return new RunFolder(path);
  }

  async log(stats: object): Promise<void> {
    await appendFile(join(this.path, "stats.jsonl"), `${JSON.stringify(stats)}\n`);
  }

  /** The arrays are written before the state that names them, so that a cut at any moment leaves a whole one. */
  async saveCheckpoint<State extends { step: number }>(
    state: State,
    arrays: readonly Float32Array[],
  ): Promise<void> {
    const name = `checkpoint-${state.step}.bin`;
    const before = await this.#readState();
    const bytes = Buffer.concat(arrays.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength)));
    await writeFile(join(this.path, name), bytes);
    const text = JSON.stringify({ ...state, file: name, lengths: arrays.map((a) => a.length) });
    await writeFile(join(this.path, "checkpoint.json.partial"), text);
    await rename(join(this.path, "checkpoint.json.partial"), join(this.path, "checkpoint.json"));
    if (before !== null && before.file !== name) await rm(join(this.path, before.file), { force: true });
  }

  /** @returns the last whole checkpoint; null when there is none yet */
  async loadCheckpoint<State extends { step: number }>(): Promise<{
    state: State;
    arrays: Float32Array[];
  } | null> {
    const stored = await this.#readState();
    if (stored === null) return null;
    const bytes = await readFile(join(this.path, stored.file));
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
    return text === null ? null : JSON.parse(text);
  }
}

/** Names of the options that are not the same, in whatever order they stand. */
function differences(before: Record<string, unknown>, now: Record<string, unknown>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], now[name])).sort();
}
