import { describe, expect, test } from "vitest";
import { withNames } from "../../src/files/file-names.ts";
import { clientOf } from "../../src/web/client.ts";
import { displayName } from "../../src/web/display-name.ts";
import { isSameSecret, randomSecret } from "../../src/web/secrets.ts";

describe("a file's name", () => {
  test.each([
    ["holiday.mp4", "holiday.mp4"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\me\\clip.mp4", "clip.mp4"],
    ["/", "upload"],
    ["..", "upload"],
    ["", "upload"],
    [undefined, "upload"],
    ["a\u0000b\u001b[31m\u202egpj.exe", "a?b?[31m?gpj.exe"],
    ["顔 ünï.mp4", "顔 ünï.mp4"],
    ["x".repeat(999), "x".repeat(200)],
  ])("%j is shown as %j", (given, shown) => {
    expect(displayName(given)).toBe(shown);
  });

  test("stands in a report wherever the server's own path was", () => {
    const names = new Map([["/tmp/x", "$&.mp4"]]);
    expect(withNames({ a: ["/tmp/x is bad, /tmp/x"], b: { c: "/tmp/x" }, d: 1, e: null }, names)).toEqual({
      ...{ a: ["$&.mp4 is bad, $&.mp4"], b: { c: "$&.mp4" }, d: 1, e: null },
    });
  });
});

describe("a client", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::1", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    [undefined, "unknown"],
  ])("at %s is %s", (ip, client) => {
    expect(clientOf({ ip })).toBe(client);
  });
});

describe("a secret", () => {
  test("is compared whole, whatever its length", () => {
    const secret = "correct horse battery staple";
    expect(isSameSecret(secret, secret)).toBe(true);
    for (const wrong of [
      "",
      "c",
      "Correct horse battery staple",
      `${secret}x`,
      secret.slice(0, -1),
      "ö".repeat(28),
    ]) {
      expect(isSameSecret(wrong, secret)).toBe(false);
    }
  });

  test("is random, and safe in addresses, cookies and names of files", () => {
    const made = Array.from({ length: 1000 }, () => randomSecret(16));
    expect(new Set(made).size).toBe(1000);
    expect(made.filter((one) => !/^[A-Za-z0-9_-]{22}$/.test(one))).toEqual([]);
  });
});
