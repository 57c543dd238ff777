import { isIP } from "node:net";
import { hostname } from "node:os";
import type { Request } from "express";
import { TelltaleError } from "../errors.ts";
import type { ServeOptions } from "./options.ts";

const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Refuses requests to a name that is not this server's: a foreign page that has its own name point to this machine
 * would be of one origin with it otherwise (DNS rebinding).
 *
 * An address is never such a name. Where the server listens beyond this machine, so is the machine's own.
 *
 * @throws TelltaleError `HOST_UNKNOWN`
 */
export function checkHost(request: Request, { host, origin }: Pick<ServeOptions, "host" | "origin">): void {
  const name = (request.get("Host") ?? "").replace(/:\d+$/, "").toLowerCase();
  const known = [...loopbackNames, host, hostname().toLowerCase()];
  if (origin !== undefined) known.push(new URL(origin).hostname);
  if (known.includes(name) || isIP(name.replace(/^\[|\]$/g, "")) !== 0) return;
  const sentence = `Expected the name of this server but the request is for ${JSON.stringify(name)}: if people reach it by that name, start it with --origin.`;
  throw new TelltaleError("HOST_UNKNOWN", sentence);
}

/**
 * Refuses what a page of another origin sends to change something. Browsers say where a request comes from; what says
 * nothing is no browser, and has no cookies that somebody else could use.
 *
 * @throws TelltaleError `ORIGIN_FOREIGN`
 */
export function checkOrigin(request: Request, { origin, cors }: Pick<ServeOptions, "origin" | "cors">): void {
  const from = request.get("Origin");
  const site = request.get("Sec-Fetch-Site");
  if (from === undefined) {
    if (site === undefined || site === "same-origin" || site === "none") return;
  } else {
    const own = [`${request.protocol}://${request.get("Host")}`, originOf(origin), originOf(cors)];
    if (own.includes(from)) return;
  }
  const sentence = `Expected a request of this server's own page but it comes from ${JSON.stringify(from ?? site)}: if the server has another address for people, start it with --origin.`;
  throw new TelltaleError("ORIGIN_FOREIGN", sentence);
}

/** `https://example.org` of `https://example.org/page`. */
export function originOf(url: string | undefined): string | null {
  return url === undefined ? null : new URL(url).origin;
}
