import type { Command } from "commander";

/** Every command and flag as Markdown, read from the commander tree: what is listed is what parses. */
export function formatManual(program: Command): string {
  const chapters = program.commands.flatMap((command) => chaptersOf(command, ["telltale"]));
  return `# Command line

<!-- Written by \`npm run manual\` from the commands and their option schemas. Do not edit by hand. -->

Every command also has \`--help\`, with examples. Exit codes are in the [guide to detect](detect.md#exit-codes).

${chapters.join("\n\n")}
`;
}

function chaptersOf(command: Command, above: readonly string[]): string[] {
  const path = [...above, command.name()];
  if (command.commands.length > 0) return command.commands.flatMap((sub) => chaptersOf(sub, path));
  const values = command.registeredArguments.map((argument) => {
    const word = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? ` <${word}>` : ` [${word}]`;
  });
  const flags = command.options.map(
    ({ flags, description }) =>
      `| \`${flags.replaceAll("|", "\\|")}\` | ${description.replaceAll("|", "\\|")} |`,
  );
  const table = flags.length === 0 ? [] : ["", "| flag | meaning |", "|---|---|", ...flags];
  return [[`## ${path.join(" ")}${values.join("")}`, "", command.description(), ...table].join("\n")];
}
