import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "../../src/web/server.ts";
import { bytesOf, startTestServer } from "./support.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
if (!hasOpenssl) console.warn("No openssl here to make a certificate with: HTTPS is not tried.");

describe.skipIf(!hasOpenssl)("a server with --tls", () => {
  let folder: string;
  let cert: string;
  let key: string;
  let server: RunningServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "telltale-tls-"));
    [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"];
    const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject];
    execFileSync("openssl", [...args, "-keyout", key, "-out", cert], { stdio: "ignore" });
    server = await startTestServer({ tls: [cert, key] });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  function ask(path: string, body?: Uint8Array): Promise<{ response: IncomingMessage; text: string }> {
    return new Promise((resolve, reject) => {
      const options = { method: body ? "POST" : "GET", ca: readFileSync(cert) };
      const sent = request(new URL(path, server.url), options, (response) => {
        let text = "";
        response.on("data", (part) => {
          text += part;
        });
        response.on("end", () => resolve({ response, text }));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  test("speaks HTTPS with the certificate that it was given, and judges", async () => {
    expect(server.url).toMatch(/^https:/);
    const { response, text } = await ask("api/jobs?wait", bytesOf("still.jpg"));
    expect(response.statusCode).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ schema: 2, file: { kind: "image" } });
  });

  test("sends cookies over HTTPS only, and tells browsers to stay with it", async () => {
    const { response } = await ask("api/jobs?wait", bytesOf("still.jpg"));
    for (const cookie of response.headers["set-cookie"] ?? []) expect(cookie).toContain("; Secure;");
    expect(response.headers["set-cookie"]).toHaveLength(1);
    expect(response.headers["strict-transport-security"]).toMatch(/^max-age=\d+/);
  });

  test("is not started with files that are no certificate", async () => {
    await expect(startTestServer({ tls: [cert, join(folder, "none.pem")] })).rejects.toThrow(
      /^Expected two readable PEM files for --tls but received /,
    );
  });
});
