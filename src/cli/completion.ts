import type { Command } from "commander";
import { TelltaleError } from "../errors.ts";
import { buildProgram, commandNames } from "./program.ts";
import { shells } from "./shells.ts";

const help = `
Examples:
  telltale completion bash > ~/.local/share/bash-completion/completions/telltale
  telltale completion zsh > "\${fpath[1]}/_telltale"
  telltale completion fish > ~/.config/fish/completions/telltale.fish
`;

/** Adds `telltale completion SHELL`. */
export function addCompletion(program: Command): void {
  program
    .command("completion")
    .description("Prints a script that completes commands, flags and values in bash, zsh or fish.")
    .argument("<SHELL>", "bash, zsh or fish")
    .addHelpText("after", help)
    .action(async (shell: string) => {
      const format = shells[shell as keyof typeof shells];
      if (!Object.hasOwn(shells, shell)) {
        const sentence = `Expected one of ${Object.keys(shells).join(", ")} for SHELL but received ${JSON.stringify(shell)}.`;
        throw new TelltaleError("USAGE", sentence);
      }
      process.stdout.write(format(wordsOf(await buildProgram(commandNames))));
    });
}

/** A command and what may stand after it. */
export interface CommandWords {
  /** From the program's name on, e.g. `["telltale", "train", "gan"]`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly flags: readonly {
    readonly flag: string;
    readonly description: string;
    /** Whether a value follows. */
    readonly takesValue: boolean;
    /** What the value may be; empty where it is a path or a number. */
    readonly choices: readonly string[];
  }[];
  readonly commands: readonly CommandWords[];
}

/** The tree of commands, as commander has it: what completes is what parses. */
export function wordsOf(command: Command, above: readonly string[] = []): CommandWords {
  const path = [...above, command.name()];
  const flags = command.options.map((option) => ({
    flag: option.long ?? option.short!,
    description: option.description,
    takesValue: option.required || option.optional,
    choices: choicesOf(option.description),
  }));
  const help = { flag: "--help", description: "display help for command", takesValue: false, choices: [] };
  return {
    path,
    summary: command.summary() || command.description(),
    flags: [...flags, help],
    commands: command.commands.map((sub) => wordsOf(sub, path)),
  };
}

// The schema's choices are in the flag's help, as `parse-options.ts` writes them.
function choicesOf(description: string): string[] {
  return /\(one of ([^;)]+)/.exec(description)?.[1]?.split(", ") ?? [];
}
