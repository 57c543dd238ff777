import type { Request, Response } from "express";
import { z } from "zod";
import { type ErrorCode, meaningOf, TelltaleError } from "../errors.ts";

/** After this long, what a refused client still sends is cut off: until then it may read why. */
const LINGER_MS = 2000;

/** Body of every refusal. */
export const refusalSchema = z.strictObject({
  error: z.strictObject({
    code: z.string().describe("Stable, made for programs, e.g. QUEUE_FULL."),
    message: z.string().describe("One sentence for people."),
  }),
});

/** A refusal that says when to come back. */
export class RetryAfterError extends TelltaleError {
  readonly retryAfterSec: number;

  constructor(code: ErrorCode, message: string, retryAfterSec: number) {
    super(code, message);
    this.retryAfterSec = retryAfterSec;
  }
}

/** HTTP status and error of whatever a handler threw; what is not ours is told in general words only. */
export function httpErrorOf(thrown: unknown): { status: number; code: string; message: string } {
  if (thrown instanceof TelltaleError) {
    return { status: meaningOf(thrown.code).status ?? 422, code: thrown.code, message: thrown.message };
  }
  // Express and the modules below it put the status of a malformed request on their errors.
  const status = Number((thrown as { status?: unknown } | null)?.status);
  if (status >= 400 && status < 500) {
    return {
      status,
      code: "REQUEST_INVALID",
      message: "Expected a well-formed request but this one is not.",
    };
  }
  const message = "Something happened that the server did not expect; its log says what.";
  return { status: 500, code: "UNEXPECTED", message };
}

/** Answers with what was thrown. A client that is still sending gets the time to read that. */
export function sendError(request: Request, response: Response, thrown: unknown): void {
  const { status, code, message } = httpErrorOf(thrown);
  if (status === 500) process.stderr.write(`telltale: ${thrown instanceof Error ? thrown.stack : thrown}\n`);
  else if (status === 507) process.stderr.write(`telltale: ${message}\n`);
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (thrown instanceof RetryAfterError) response.set("Retry-After", String(thrown.retryAfterSec));
  if (status === 401) response.set("WWW-Authenticate", 'Bearer realm="telltale"');
  response.status(status).json({ error: { code, message } });
  if (request.complete) return;
  request.resume();
  const { socket } = request;
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  request.once("end", () => clearTimeout(cut));
  request.once("close", () => clearTimeout(cut));
}
