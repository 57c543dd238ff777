import type { Request, Response } from "express";
import type { z } from "zod";

/** An answer as the OpenAPI document describes it. */
export interface Answer {
  readonly description: string;
  /** Media type; `application/json` where there is a schema. */
  readonly type?: string;
  readonly schema?: z.ZodType;
}

/** One address of the server: what it does, and what the OpenAPI document says of it. */
export interface Route {
  readonly method: "get" | "post" | "delete";
  /** As OpenAPI writes it, e.g. `/api/jobs/{id}`. */
  readonly path: string;
  readonly summary: string;
  /** Whether it answers without the token. */
  readonly isOpen?: boolean;
  /** Query parameters: name and description. */
  readonly query?: Readonly<Record<string, string>>;
  /** Media types of the body, each with a schema where it has one. */
  readonly body?: Readonly<Record<string, object>>;
  readonly answers: Readonly<Record<number, Answer>>;
  readonly handle: (request: Request, response: Response) => void | Promise<void>;
}

/** `/api/jobs/{id}` as express writes it: `/api/jobs/:id`. */
export function expressPath({ path }: Pick<Route, "path">): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}
