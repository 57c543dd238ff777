import { expect, test } from "vitest";
import { fileReportSchema } from "../../src/report/schema.ts";
import { runCli } from "../cli/run-cli.ts";
import { read, tableOf } from "./markdown.ts";

test("the guide to detect lists the reasons that there are", () => {
  const reasons = tableOf("docs/detect.md", "reason", "meaning", "what to do").map(([reason]) =>
    reason!.slice(1, -1),
  );
  expect(reasons.toSorted()).toEqual(fileReportSchema.shape.reason.unwrap().options.toSorted());
});

test("README lists the commands of the help", async () => {
  const { stdout } = await runCli(["--help"]);
  const commands = [...stdout.slice(stdout.indexOf("Commands:")).matchAll(/^ {2}(\w+)/gm)].map(
    (match) => match[1],
  );
  const listed = tableOf("README.md", "command", "what it does");
  expect(listed.map(([command]) => command!.match(/telltale (\w+)/)![1])).toEqual(
    commands.filter((command) => command !== "help"),
  );
});

test("the guide to detect lists the exit codes of the help", async () => {
  const { stdout } = await runCli(["detect", "--help"]);
  const codes = [...stdout.slice(stdout.indexOf("Exit codes:")).matchAll(/^ {2}(\d+(?:, \d+)*) /gm)];
  expect(codes.length).toBeGreaterThan(4);
  // Codes of signals are a shell's convention, which the help leaves out.
  const listed = tableOf("docs/detect.md", "code", "meaning").map(([code]) => code!);
  expect(listed.filter((code) => !code.includes(","))).toEqual(codes.map(([, code]) => code));
});

test("README and CONTRIBUTING stay short", () => {
  expect(Buffer.byteLength(read("README.md"))).toBeLessThanOrEqual(8192);
  expect(Buffer.byteLength(read("CONTRIBUTING.md"))).toBeLessThanOrEqual(6144);
});
