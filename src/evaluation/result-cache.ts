import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Results of passes over files, kept as JSON lines so that an evaluation that was stopped goes on, and one that is asked
 * for more does not begin anew. Named by a hash of all that a result depends on but the file itself: remove the folder
 * when files were replaced.
 */
export class ResultCache {
  readonly #folder: string | null;
  readonly #key: string;
  readonly #passes = new Map<string, Map<string, unknown>>();
  /** Results that were there already. */
  reused = 0;

  /**
   * @param folder null: nothing is kept
   * @param identity model, options, versions
   */
  constructor(folder: string | null, identity: unknown) {
    this.#folder = folder;
    this.#key = createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 12);
  }

  /**
   * The kept result of one file in one pass, or a new one, which is kept.
   *
   * @param isKept whether a new result is worth keeping; one that failed may go better next time
   */
  async get<Result>(
    pass: string,
    id: string,
    compute: () => Promise<Result>,
    isKept: (result: Result) => boolean = () => true,
  ): Promise<Result> {
    const known = await this.#load(pass);
    if (known.has(id)) {
      this.reused++;
      return known.get(id) as Result;
    }
    const result = await compute();
    known.set(id, result);
    if (this.#folder !== null && isKept(result)) {
      await appendFile(this.#pathOf(pass), `${JSON.stringify({ id, result })}\n`);
    }
    return result;
  }

  async #load(pass: string): Promise<Map<string, unknown>> {
    const loaded = this.#passes.get(pass);
    if (loaded) return loaded;
    const known = new Map<string, unknown>();
    if (this.#folder !== null) {
      await mkdir(this.#folder, { recursive: true });
      const text = await readFile(this.#pathOf(pass), "utf8").catch(() => "");
      for (const line of text.split("\n")) {
        try {
          const { id, result } = JSON.parse(line) as { id: string; result: unknown };
          known.set(id, result);
        } catch {
          // The end of the file, or a line that a cut left half written.
        }
      }
      // A half line must not swallow the next one.
      if (text !== "" && !text.endsWith("\n")) await appendFile(this.#pathOf(pass), "\n");
    }
    const raced = this.#passes.get(pass);
    if (raced) return raced;
    this.#passes.set(pass, known);
    return known;
  }

  #pathOf(pass: string): string {
    return join(this.#folder!, `${pass}-${this.#key}.jsonl`);
  }
}
