import { describe, expect, it } from "vitest";
import { StderrTail } from "../../src/media/stderr-tail.ts";

describe("StderrTail", () => {
  it("splits lines across chunks and at carriage returns, and keeps the last ones", () => {
    const lines: string[] = [];
    const tail = new StderrTail(3, (line) => lines.push(line));
    for (const chunk of ["a\nb", "c\rd\r\ne\nlast"]) tail.append(chunk);
    expect(lines).toEqual(["a", "bc", "d", "e"]);
    expect(tail.text).toBe("bc\nd\ne\nlast");
    tail.close();
    expect(lines.at(-1)).toBe("last");
    expect(tail.text).toBe("d\ne\nlast");
  });
});
