import { isIPv6 } from "node:net";
import type { Request } from "express";

/** Groups of an IPv6 address that name a network; the rest is for the client to choose. */
const NETWORK_GROUPS = 4;

/** Whom limits count for: an IPv4 address, or an IPv6 network of 64 bits, all of whose addresses one client may have. */
export function clientOf(request: Pick<Request, "ip">): string {
  const address = (request.ip ?? "unknown").replace(/^::ffff:(?=\d+\.)/, "");
  return isIPv6(address) ? networkOf(address) : address;
}

function networkOf(address: string): string {
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const [before, after] = [head, tail ?? ""].map((part) => part.split(":").filter(Boolean));
  const gap = tail === undefined ? 0 : 8 - before!.length - after!.length;
  const groups = [...before!, ...new Array<string>(Math.max(0, gap)).fill("0"), ...after!];
  return groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
