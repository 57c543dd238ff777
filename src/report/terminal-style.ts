export interface TerminalStyle {
  /** Width in characters. */
  readonly columns: number;
  readonly hasColor: boolean;
  /** Whether block characters can be shown; plain ASCII otherwise. */
  readonly hasUnicode: boolean;
}

/** Width of what is no terminal, e.g. a pipe or a file. */
const DEFAULT_COLUMNS = 80;

/** What a stream can show: colour only on a terminal and without NO_COLOR (no-color.org), Unicode where the locale says so. */
export function terminalStyle(
  stream: { isTTY?: boolean; columns?: number },
  env: NodeJS.ProcessEnv = process.env,
): TerminalStyle {
  const isTerminal = stream.isTTY === true;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  return {
    columns: isTerminal && stream.columns ? stream.columns : DEFAULT_COLUMNS,
    hasColor: isTerminal && !env.NO_COLOR && env.TERM !== "dumb",
    hasUnicode: /utf-?8/i.test(locale) || Boolean(env.WT_SESSION),
  };
}

const codes = { red: 31, green: 32, cyan: 36, yellow: 33, bold: 1, dim: 2 } as const;
export type Color = keyof typeof codes;

/** The text in a colour where the style has colour. */
export function paint(text: string, color: Color, { hasColor }: Pick<TerminalStyle, "hasColor">): string {
  return hasColor ? `\u001b[${codes[color]}m${text}\u001b[0m` : text;
}

/** The text without characters that steer a terminal: a file's name is the sender's to choose (CWE-150). */
export function stripControlCharacters(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "?");
}

/** Breaks a text between words; lines after the first are indented by `indent` spaces. */
export function wrap(text: string, columns: number, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`);
}
