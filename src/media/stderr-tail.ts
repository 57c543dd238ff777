/** Splits stderr into lines and keeps the last ones. */
export class StderrTail {
  readonly #limit: number;
  readonly #onLine: (line: string) => void;
  readonly #lines: string[] = [];
  #partial = "";

  constructor(limit: number, onLine: (line: string) => void) {
    this.#limit = limit;
    this.#onLine = onLine;
  }

  append(text: string): void {
    const lines = (this.#partial + text).split(/\r\n|\r|\n/);
    this.#partial = lines.pop()!;
    for (const line of lines) this.#onLine(line);
    this.#lines.push(...lines);
    this.#lines.splice(0, this.#lines.length - this.#limit);
  }

  /** Handles a last line without a line end. */
  close(): void {
    if (this.#partial !== "") this.append("\n");
  }

  /** The last lines. */
  get text(): string {
    return [...this.#lines, this.#partial].join("\n").trim();
  }
}
