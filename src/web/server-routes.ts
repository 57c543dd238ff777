import { readFile } from "node:fs/promises";
import { join } from "node:path";
import express from "express";
import { z } from "zod";
import { TelltaleError } from "../errors.ts";
import { tool } from "../report/tool.ts";
import { healthSchema } from "./job-schema.ts";
import { describeApi } from "./openapi.ts";
import type { Route } from "./route.ts";
import type { ServerParts } from "./server-parts.ts";

const sessionSchema = z.strictObject({ token: z.string() });
const readJson = express.json({ limit: "4kb" });

/** Everything about the server itself. @param others the routes that the OpenAPI document holds besides */
export function serverRoutes(parts: ServerParts, others: readonly Route[]): Route[] {
  const { options, analyzer, queue, access, metrics, uploads } = parts;
  const routes: Route[] = [
    {
      method: "get",
      path: "/api/health",
      summary: "Whether the server takes files, and what it takes.",
      isOpen: true,
      answers: {
        200: { description: "It does.", schema: healthSchema },
        503: { description: "It is stopping, or cannot write uploads.", schema: healthSchema },
      },
      handle: async (request, response) => {
        const { manifest } = analyzer.detector;
        const { forgedBelow, authenticAbove } = manifest.thresholds.image;
        const clips = analyzer.detector.thresholdsFor("video");
        const { maxMib, maxSec, maxMegapixels, perClient, keep } = options;
        const why = queue.isStopping ? null : await uploads.findProblem();
        const health: z.infer<typeof healthSchema> = {
          status: queue.isStopping ? "stopping" : why === null ? "ok" : "failing",
          problem: why && `Uploads cannot be written to the server's temporary folder (${why}).`,
          version: tool.version,
          model: { name: manifest.name, version: manifest.version },
          threshold: { forgedBelow, authenticAbove },
          clipThreshold: { forgedBelow: clips.forgedBelow, authenticAbove: clips.authenticAbove },
          needsToken: !access.isAdmitted(request),
          limits: { maxBytes: maxMib * 2 ** 20, maxSec, maxMegapixels, perClient },
          keepMinutes: keep,
        };
        response.status(health.status === "ok" ? 200 : 503).json(health);
      },
    },
    {
      method: "post",
      path: "/api/session",
      summary: "Lets a browser in that gives the server's token.",
      isOpen: true,
      body: { "application/json": { schema: z.toJSONSchema(sessionSchema) } },
      answers: { 204: { description: "The browser has a cookie now." } },
      handle: async (request, response) => {
        await new Promise<void>((resolve, reject) =>
          readJson(request, response, (error: unknown) => (error ? reject(error) : resolve())),
        );
        const session = sessionSchema.safeParse(request.body);
        if (!session.success) {
          throw new TelltaleError("REQUEST_INVALID", 'Expected a body like {"token": "..."}.');
        }
        access.login(request, response, session.data.token);
        response.status(204).end();
      },
    },
    {
      method: "get",
      path: "/api/openapi.json",
      summary: "This document.",
      isOpen: true,
      answers: { 200: { description: "OpenAPI 3.1.", type: "application/json" } },
      handle: (_request, response) => {
        response.json(document);
      },
    },
    {
      method: "get",
      path: "/api/model-card",
      summary: "The model's card: what it was trained on, what was measured, what it misses.",
      answers: { 200: { description: "Markdown.", type: "text/plain" } },
      handle: async (_request, response) => {
        const text = await readFile(join(analyzer.detector.options.model, "README.md"), "utf8").catch(
          () => null,
        );
        if (text === null)
          throw new TelltaleError("NOT_FOUND", "Expected a card in the model's folder but there is none.");
        response.type("text/plain").send(text);
      },
    },
    {
      method: "get",
      path: "/metrics",
      summary: "Counts and durations for Prometheus.",
      answers: { 200: { description: "Prometheus' text format.", type: "text/plain" } },
      handle: async (_request, response) => {
        response.set("Content-Type", metrics.contentType).send(await metrics.text());
      },
    },
  ];
  const document = describeApi([...others, ...routes]);
  return routes;
}
