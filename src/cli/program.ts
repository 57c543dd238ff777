import { Command } from "commander";
import { TelltaleError } from "../errors.ts";
import { nearest } from "../options/nearest.ts";
import { tool } from "../report/tool.ts";

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Loads the command's file, which adds the command with its flags to a program. */
  readonly load: () => Promise<(program: Command) => void>;
}

/** The commands in the order of `--help`: one file each, one line each. */
const commands: readonly CommandEntry[] = [
  {
    name: "detect",
    summary: "judge videos and pictures",
    load: async () => (await import("./detect.ts")).addDetect,
  },
  {
    name: "serve",
    summary: "serve a page to drop files on, and an API",
    load: async () => (await import("./serve.ts")).addServe,
  },
  {
    name: "audit",
    summary: "judge a folder, and go on where it stopped",
    load: async () => (await import("./audit.ts")).addAudit,
  },
  {
    name: "worker",
    summary: "judge files that audits have queued",
    load: async () => (await import("./worker.ts")).addWorker,
  },
  { name: "train", summary: "train a model", load: async () => (await import("./train.ts")).addTrain },
  {
    name: "sample",
    summary: "make faces with a trained generator",
    load: async () => (await import("./sample.ts")).addSample,
  },
  {
    name: "forge",
    summary: "make known fakes with a trained restoration or swap",
    load: async () => (await import("./forge.ts")).addForge,
  },
  {
    name: "export",
    summary: "write a GAN's network as a plain TensorFlow.js model",
    load: async () => (await import("./export.ts")).addExport,
  },
  {
    name: "evaluate",
    summary: "measure a model on labelled media",
    load: async () => (await import("./evaluate.ts")).addEvaluate,
  },
  {
    name: "calibrate",
    summary: "refit a model's threshold to authentic footage of your own",
    load: async () => (await import("./calibrate.ts")).addCalibrate,
  },
  {
    name: "compare",
    summary: "say where two models disagree",
    load: async () => (await import("./compare.ts")).addCompare,
  },
  {
    name: "models",
    summary: "list the models that are here",
    load: async () => (await import("./models.ts")).addModels,
  },
  {
    name: "doctor",
    summary: "say what works here, and how to mend what does not",
    load: async () => (await import("./doctor.ts")).addDoctor,
  },
  {
    name: "completion",
    summary: "print a completion script for bash, zsh or fish",
    load: async () => (await import("./completion.ts")).addCompletion,
  },
];

/** Names of all commands, in the order of `--help`. */
export const commandNames: readonly string[] = commands.map(({ name }) => name);

/**
 * `telltale` with all its commands.
 *
 * @param args only the commands that are named in these are loaded; of the others `--help` needs no more than a line
 */
export async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new TelltaleCommand("telltale")
    .description(
      "Tells forged faces from authentic ones in videos and pictures, on this machine and nowhere else.",
    )
    .usage("COMMAND [options]")
    .version(tool.version)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  for (const { name, summary, load } of commands) {
    if (args.includes(name)) {
      const add = await load();
      add(program);
    } else program.command(name).summary(summary);
  }
  return program;
}

/** Commander's command, with errors in our own sentences. */
class TelltaleCommand extends Command {
  override createCommand(name?: string): Command {
    return new TelltaleCommand(name);
  }

  /** Called by commander for a flag that the command does not have. */
  unknownOption(flag: string): never {
    const known = this.options.map((option) => option.long ?? option.short!).concat("--help");
    throw new TelltaleError(
      "USAGE",
      `Expected a known flag but received ${flag}; the nearest one is ${nearest(flag, known)}.`,
    );
  }

  /** Called by commander for an argument that is missing. */
  missingArgument(name: string): never {
    throw new TelltaleError("USAGE", `Expected ${name} but received none; see the command's --help.`);
  }

  /** Called by commander for a command that there is not. */
  unknownCommand(): never {
    const name = this.args[0] ?? "";
    const known = this.commands.map((command) => command.name());
    throw new TelltaleError(
      "USAGE",
      `Expected a known command but received ${name}; the nearest one is ${nearest(name, known)}.`,
    );
  }
}
