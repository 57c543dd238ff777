import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "../../src/web/server.ts";
import { bytesOf, Client, refusal, startTestServer } from "./support.ts";

const token = "correct horse battery staple";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer({ token, origin: "https://faces.example/telltale", trustProxy: 1 });
});
afterAll(() => server.stop());

describe("a server with a token", () => {
  test.each([
    ["none", {}],
    ["a wrong one", { Authorization: "Bearer correct horse battery stapl!" }],
    ["its beginning", { Authorization: "Bearer correct horse" }],
    ["another kind", { Authorization: `Basic ${Buffer.from(`x:${token}`).toString("base64")}` }],
    ["a forged pass", { Cookie: `telltale_owner=${"A".repeat(43)}; telltale_pass=${"A".repeat(43)}` }],
  ])("refuses everything to who gives %s", async (_what, headers) => {
    const client = new Client(server.url, headers as Record<string, string>);
    for (const path of ["api/jobs/x", "api/jobs/x/events", "metrics"]) {
      const response = await client.ask(path);
      expect(response.headers.get("www-authenticate")).toBe('Bearer realm="telltale"');
      expect(await refusal(response)).toEqual({ status: 401, code: "TOKEN_WRONG" });
    }
    expect(await refusal(await client.post("x"))).toEqual({ status: 401, code: "TOKEN_WRONG" });
    expect(await (await client.ask("api/health")).json()).toMatchObject({ needsToken: true });
  });

  test("lets in who gives it, and does not mix up two of them", async () => {
    const [one, other] = [1, 2].map(() => new Client(server.url, { Authorization: `Bearer ${token}` }));
    const { id } = await one!.send("still.jpg");
    expect((await one!.end(id)).state).toBe("done");
    expect((await other!.ask(`api/jobs/${id}`)).status).toBe(404);
    expect((await one!.ask("metrics")).status).toBe(200);
  });

  test("gives a browser a pass that is for its own secret only", async () => {
    const sent = { method: "POST", headers: { "Content-Type": "application/json" } };
    const enter = (given: unknown) =>
      fetch(`${server.url}api/session`, { ...sent, body: JSON.stringify({ token: given }) });
    expect(await refusal(await enter("correct horse battery stapl!"))).toEqual({
      status: 401,
      code: "TOKEN_WRONG",
    });
    expect(await refusal(await enter(7))).toEqual({ status: 400, code: "REQUEST_INVALID" });
    const cookies = (await enter(token)).headers.getSetCookie();
    // People reach it by HTTPS, so their cookies go no other way.
    for (const cookie of cookies) expect(cookie).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const [owner, pass] = cookies.map((cookie) => cookie.split(";")[0]!);
    const cookie = `${owner}; ${pass}`;
    const posted = await fetch(`${server.url}api/jobs`, {
      method: "POST",
      body: bytesOf("still.jpg"),
      headers: { Cookie: cookie },
    });
    expect(posted.status).toBe(202);
    const stolen = `telltale_owner=${"A".repeat(43)}; ${pass}`;
    const refused = await fetch(`${server.url}api/jobs/x`, { headers: { Cookie: stolen } });
    expect(await refusal(refused)).toEqual({ status: 401, code: "TOKEN_WRONG" });
  });

  test("behind a proxy takes what comes from its public address, and counts clients by what the proxy says", async () => {
    const client = new Client(server.url, {
      Authorization: `Bearer ${token}`,
      "X-Forwarded-For": "203.0.113.7",
    });
    const posted = await client.post("x", "?wait", { Origin: "https://faces.example" });
    expect(posted.status).toBe(422);
    const foreign = await client.post("x", "?wait", { Origin: "https://other.example" });
    expect(await refusal(foreign)).toEqual({ status: 403, code: "ORIGIN_FOREIGN" });
  });
});
