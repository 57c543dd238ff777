import type { CommandWords } from "./completion.ts";

/** Completion scripts by shell. Where nothing of ours fits, each completes files. */
export const shells = { bash, zsh, fish } as const;

/** The command and all below it. */
function everyCommand(command: CommandWords): CommandWords[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function bash(root: CommandWords): string {
  const cases = everyCommand(root).map(({ path, flags, commands }) => {
    const names = commands.map(({ path }) => path.at(-1)!);
    return `    ${quote(path.join(" "))}) words=${quote([...names, ...flags.map(({ flag }) => flag)].join(" "))} ;;`;
  });
  const known = everyCommand(root).map(({ path }) => quote(path.join(" ")));
  const values = everyCommand(root).flatMap(({ path, flags }) =>
    flags
      .filter(({ choices }) => choices.length > 0)
      .map(({ flag, choices }) => {
        const reply = `COMPREPLY=($(compgen -W ${quote(choices.join(" "))} -- "$current"))`;
        return `    ${quote(`${path.join(" ")} ${flag}`)}) ${reply}; return ;;`;
      }),
  );
  const files = everyCommand(root).flatMap(({ path, flags }) =>
    flags
      .filter(({ takesValue, choices }) => takesValue && choices.length === 0)
      .map(({ flag }) => quote(`${path.join(" ")} ${flag}`)),
  );
  return `# Completes telltale in bash; made by \`telltale completion bash\`.
_telltale() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path=telltale words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
    ${known.join("|")}) path="$path \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path $previous" in
${values.join("\n")}
    ${files.join("|")}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -o filenames -F _telltale telltale
`;
}

function zsh(root: CommandWords): string {
  const functions = everyCommand(root).map(({ path, flags, commands }) => {
    const specs = flags.map(({ flag, description, takesValue, choices }) => {
      const value = choices.length > 0 ? `:value:(${choices.join(" ")})` : ":value:_files";
      return `    ${quote(`${flag}[${plain(description)}]${takesValue ? value : ""}`)}`;
    });
    const name = `_${path.join("_")}`;
    if (commands.length === 0)
      return `${name}() {\n  _arguments \\\n${[...specs, "    '*:file:_files'"].join(" \\\n")}\n}`;
    const names = commands.map((sub) => `    ${quote(`${sub.path.at(-1)}:${plain(sub.summary)}`)}`);
    const branches = commands.map((sub) => `    ${sub.path.at(-1)}) _${sub.path.join("_")} ;;`);
    return `${name}() {
  local line state
  local -a commands=(
${names.join("\n")}
  )
  _arguments -C \\
${[...specs, "    '1:command:->command'", "    '*::argument:->argument'"].join(" \\\n")}
  case $state in
  command) _describe command commands ;;
  argument)
    case $line[1] in
${branches.join("\n")}
    esac ;;
  esac
}`;
  });
  return `#compdef telltale
# Completes telltale in zsh; made by \`telltale completion zsh\`.
${functions.join("\n")}
compdef _telltale telltale
`;
}

function fish(root: CommandWords): string {
  const lines = everyCommand(root).flatMap(({ path, flags, commands }) => {
    const seen = path.slice(1).map((name) => `__fish_seen_subcommand_from ${name}`);
    const below = commands.map((sub) => sub.path.at(-1)).join(" ");
    const here = [...seen, ...(below ? [`not __fish_seen_subcommand_from ${below}`] : [])].join("; and ");
    const when = here ? ` -n ${quote(here)}` : "";
    return [
      ...commands.map(
        (sub) => `complete -c telltale${when} -f -a ${sub.path.at(-1)} -d ${quote(plain(sub.summary))}`,
      ),
      ...flags.map(({ flag, description, takesValue, choices }) => {
        const value = choices.length > 0 ? ` -x -a ${quote(choices.join(" "))}` : takesValue ? " -r -F" : "";
        return `complete -c telltale${when} -l ${flag.replace(/^--/, "")}${value} -d ${quote(plain(description))}`;
      }),
    ];
  });
  return `# Completes telltale in fish; made by \`telltale completion fish\`.\n${lines.join("\n")}\n`;
}

/** A description without what zsh and fish take for more than a text. */
function plain(text: string): string {
  return text.replace(/[[\]:\\`$"]/g, "").replaceAll("'", "’");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
