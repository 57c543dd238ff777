import SwaggerParser from "@apidevtools/swagger-parser";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningServer } from "../../src/web/server.ts";
import { startTestServer } from "./support.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

interface ApiDocument {
  paths: Record<string, object>;
  components: { securitySchemes: Record<string, object> };
}

const fetchDocument = async () =>
  (await (await fetch(new URL("api/openapi.json", server.url))).json()) as ApiDocument;

test("the OpenAPI document is valid and each of its references resolves", async () => {
  const document = await fetchDocument();
  const { paths } = await SwaggerParser.validate(document as never);
  expect(Object.keys(paths!)).toContain("/api/jobs/{id}/report.json");
});

test("the document refers to components only, and names the token as bearer", async () => {
  const document = await fetchDocument();
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!);
  expect(references.length).toBeGreaterThan(10);
  expect(references.filter((ref) => !ref.startsWith("#/components/schemas/"))).toEqual([]);
  expect(document.components.securitySchemes.token).toMatchObject({ type: "http", scheme: "bearer" });
});
