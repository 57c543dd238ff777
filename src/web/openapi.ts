import { z } from "zod";
import { failureReportSchema, fileReportSchema, reportSchema } from "../report/schema.ts";
import { tool } from "../report/tool.ts";
import { refusalSchema } from "./http-errors.ts";
import { healthSchema, jobSchema } from "./job-schema.ts";
import type { Answer, Route } from "./route.ts";

const schemas = z.registry<{ id: string }>();
schemas.add(jobSchema, { id: "Job" });
schemas.add(reportSchema, { id: "Report" });
schemas.add(fileReportSchema, { id: "FileReport" });
schemas.add(failureReportSchema, { id: "FailureReport" });
schemas.add(refusalSchema, { id: "Refusal" });
schemas.add(healthSchema, { id: "Health" });

/** The OpenAPI 3.1 document of these routes; the shapes in it come from the zod schemas. */
export function describeApi(routes: readonly Route[]): object {
  const components = z.toJSONSchema(schemas, { uri: (id) => `#/components/schemas/${id}` });
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path]![route.method] = describeRoute(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Telltale",
      version: tool.version,
      summary: "Judges faces in videos and pictures.",
      description:
        "Where the server has a token, each request has the header `Authorization: Bearer TOKEN`; only /api/health, /api/session and this document need none. A job can be read with the secret that it was made with: the cookie of the browser, or the header Telltale-Owner that the first 202 answer names.",
    },
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(components.schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
      ),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "The server's --token, where it has one." },
      },
    },
  };
}

function describeRoute(route: Route): object {
  const parameters = [
    ...[...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      ...{ name, in: "path", required: true, schema: { type: "string" } },
    })),
    ...Object.entries(route.query ?? {}).map(([name, description]) => ({
      ...{ name, in: "query", required: false, description, schema: { type: "string" } },
    })),
  ];
  return {
    summary: route.summary,
    security: route.isOpen ? [] : [{ token: [] }, {}],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: { required: true, content: route.body } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, answer]) => [status, describeAnswer(answer)]),
      ),
      default: describeAnswer({ description: "Refused, with a code and a sentence.", schema: refusalSchema }),
    },
  };
}

function describeAnswer({ description, type, schema }: Answer): object {
  const content = schema ? "application/json" : type;
  if (content === undefined) return { description };
  return { description, content: { [content]: schema ? { schema: shapeOf(schema) } : {} } };
}

function shapeOf(schema: z.ZodType): object {
  const id = schemas.get(schema)?.id;
  if (id !== undefined) return { $ref: `#/components/schemas/${id}` };
  const { $schema: _, ...shape } = z.toJSONSchema(schema);
  return shape;
}
