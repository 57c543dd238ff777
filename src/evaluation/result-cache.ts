import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Caches results of passes over files as JSON lines, so that evaluations can be resumed and extended. The file names have a hash
 * of everything that results depend on except the files; remove the folder if files were replaced.
 */
export class ResultCache {
  readonly #folder: string | null;
  readonly #key: string;
  readonly #passes = new Map<string, Map<string, unknown>>();
  /** Number of results from the cache. */
  reused = 0;

  /**
   * @param folder null disables the cache
   * @param identity model, options and versions
   */
  constructor(folder: string | null, identity: unknown) {
    this.#folder = folder;
    this.#key = createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 12);
  }

  /**
   * The cached result of one file in one pass, or a new result.
   *
   * @param isKept whether to cache a new result, e.g. not if it failed
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
          // End of the file, or an incomplete line.
        }
      }
      // Separates an incomplete line from the next one.
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
