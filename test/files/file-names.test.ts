import { expect, test } from "vitest";
import { sharedNames, withNames } from "../../src/files/file-names.ts";

test.each([
  [["/home/ada/case/a.mp4"], ["a.mp4"]],
  [
    ["/home/ada/a.mp4", "/home/ada/b.mp4"],
    ["a.mp4", "b.mp4"],
  ],
  [
    ["/home/ada/x/a.mp4", "/home/ada/y/a.mp4"],
    ["x/a.mp4", "y/a.mp4"],
  ],
  [
    ["/a.mp4", "/srv/a.mp4"],
    ["a.mp4", "srv/a.mp4"],
  ],
  [
    ["/home/ada/a.mp4", "/srv/b.mp4", "/home/ada/a.mp4"],
    ["a.mp4", "b.mp4"],
  ],
  [
    ["./a.mp4", "sub/../b.mp4"],
    ["a.mp4", "b.mp4"],
  ],
])("%j are called %j", (paths, names) => {
  expect([...sharedNames(paths).values()]).toEqual(names);
});

test("names stand in sentences too, the longest path first", () => {
  const paths = ["/srv/a.mp4", "/srv/a.mp4.mov"];
  const report = {
    file: { path: paths[1] },
    error: { message: `Expected ${paths[1]} and ${paths[0]}.` },
    n: 1,
  };
  expect(withNames(report, sharedNames(paths))).toEqual({
    file: { path: "a.mp4.mov" },
    error: { message: "Expected a.mp4.mov and a.mp4." },
    n: 1,
  });
});

test("the folder in which a command runs is no part of a sentence", () => {
  const names = new Map([[".", "media"]]);
  expect(withNames({ folder: ".", message: "It is so. Really." }, names)).toEqual({
    folder: "media",
    message: "It is so. Really.",
  });
});
