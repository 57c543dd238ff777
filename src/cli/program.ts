import { Command } from "commander";
import { nearest } from "../detection/parse-options.ts";
import { TelltaleError } from "../errors.ts";
import { tool } from "../report/tool.ts";
import { addDetect } from "./detect.ts";
import { addDoctor } from "./doctor.ts";
import { addEvaluate } from "./evaluate.ts";
import { addModels } from "./models.ts";
import { addTrain } from "./train.ts";

/** The commands in the order of `--help`: one file each, one line each. */
const commands = [addDetect, addTrain, addEvaluate, addModels, addDoctor];

/** `telltale` with all its commands; what they load for their work, they load when they are called. */
export function buildProgram(): Command {
  const program = new TelltaleCommand("telltale")
    .description(
      "Tells forged faces from authentic ones in videos and pictures, on this machine and nowhere else.",
    )
    .version(tool.version)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  for (const add of commands) add(program);
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
