import type { Command } from "commander";
import { z } from "zod";
import { safeJson } from "../report/control-characters.ts";
import { type Color, paint, stripControlCharacters, terminalStyle, wrap } from "../report/terminal-style.ts";
import { tool } from "../report/tool.ts";
import type { Check } from "./checks.ts";
import { exitCodes } from "./exit-codes.ts";
import { addFlags, readFlags } from "./flags.ts";

const doctorOptionsSchema = z.strictObject({
  json: z.boolean().default(false).describe("Print the findings as JSON."),
});

const stateColor: Record<Check["state"], Color> = { ok: "green", warn: "yellow", fail: "red" };

/** Column where findings begin. */
const INDENT = 27;

/** Adds `telltale doctor`. */
export function addDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .description(
      "Checks what detection needs: node, ffmpeg, backends, model, memory. Exits with 0 if it can run, else 1.",
    );
  addFlags(command, doctorOptionsSchema);
  command.action(async (flags: Record<string, unknown>) => {
    const { json } = readFlags(doctorOptionsSchema, flags);
    const { checkAll } = await import("./checks.ts");
    const checks = await checkAll();
    const canDetect = checks.every((check) => check.state !== "fail");
    process.stdout.write(json ? `${safeJson({ tool, canDetect, checks }, 2)}\n` : formatChecks(checks));
    if (!canDetect) process.exitCode = exitCodes.failed;
  });
}

function formatChecks(checks: readonly Check[]): string {
  const style = terminalStyle(process.stdout);
  const lines = checks.flatMap(({ name, state, found, advice }) => {
    const label = `${paint(state.padEnd(4), stateColor[state], style)}  ${name.padEnd(INDENT - 6)}`;
    const texts = advice === null ? [found] : [found, advice];
    return texts.map((text, i) => {
      const wrapped = wrap(stripControlCharacters(text), style.columns, INDENT);
      return `${i === 0 ? label : " ".repeat(INDENT)}${wrapped}`;
    });
  });
  const failed = checks.filter((check) => check.state === "fail").length;
  const result =
    failed === 0 ? "Detection can run here." : "Detection cannot run here until what failed is mended.";
  return `${lines.join("\n")}\n\n${result}\n`;
}
