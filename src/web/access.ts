import { randomBytes } from "node:crypto";
import { parseCookie } from "cookie";
import type { Request, Response } from "express";
import { TelltaleError } from "../errors.ts";
import { hashSecret, isSameSecret, randomSecret, sign } from "./secrets.ts";

/** 256 bits. */
const OWNER_BYTES = 32;
const ownerPattern = /^[A-Za-z0-9_-]{43}$/;

const OWNER_COOKIE = "telltale_owner";
const PASS_COOKIE = "telltale_pass";
/** For programs, which have no cookies: the answer to a first upload names the secret, later requests give it. */
export const OWNER_HEADER = "Telltale-Owner";

/**
 * Who may use the server, and whose a job is.
 *
 * A browser gets a cookie with a secret of its own when it loads the page, a program gets one as a header: a job is
 * readable with the secret that it was made with, and with no other. Where the server has a token, it is given as
 * `Authorization: Bearer`, or once in the page, which gets a pass for its own secret until the server restarts.
 */
export class Access {
  readonly #token: string | undefined;
  readonly #hasTls: boolean;
  readonly #passKey = randomBytes(32);

  /** @param options.hasTls whether browsers reach the server by HTTPS whatever the request says */
  constructor({ token, hasTls }: { token: string | undefined; hasTls: boolean }) {
    this.#token = token;
    this.#hasTls = hasTls;
  }

  /** Whether a request has the token, or needs none. */
  isAdmitted(request: Request): boolean {
    if (this.#token === undefined) return true;
    const bearer = /^Bearer (.+)$/i.exec(request.get("Authorization") ?? "")?.[1];
    if (bearer !== undefined) return isSameSecret(bearer, this.#token);
    const owner = secretOf(request);
    const pass = cookie(request, PASS_COOKIE);
    return owner !== null && pass !== null && isSameSecret(pass, sign(owner, this.#passKey));
  }

  /** @throws TelltaleError `TOKEN_WRONG` */
  check(request: Request): void {
    if (this.isAdmitted(request)) return;
    const sentence = "Expected the server's token but received none or a wrong one: ask who runs it.";
    throw new TelltaleError("TOKEN_WRONG", sentence);
  }

  /** Lets a browser in that gives the token in the page. @throws TelltaleError `TOKEN_WRONG` */
  login(request: Request, response: Response, token: unknown): void {
    const isRight =
      this.#token === undefined || (typeof token === "string" && isSameSecret(token, this.#token));
    if (!isRight) {
      throw new TelltaleError("TOKEN_WRONG", "That is not the server's token: ask who runs it.");
    }
    const owner = secretOf(request) ?? this.#newOwner(request, response);
    this.#setCookie(request, response, PASS_COOKIE, sign(owner, this.#passKey));
  }

  /** Gives a browser that loads the page a secret of its own, unless it has one. */
  issueOwnerCookie(request: Request, response: Response): void {
    if (secretOf(request) === null) this.#newOwner(request, response);
  }

  /** The owner of what a request makes, as the hash that is kept; one without a secret is given one. */
  ownerForWrite(request: Request, response: Response): string {
    const secret = secretOf(request);
    if (secret !== null) return hashSecret(secret);
    const made = this.#newOwner(request, response);
    response.set(OWNER_HEADER, made);
    return hashSecret(made);
  }

  /** The owner that a request shows itself to be; null without a secret. */
  ownerForRead(request: Request): string | null {
    const secret = secretOf(request);
    return secret === null ? null : hashSecret(secret);
  }

  #newOwner(request: Request, response: Response): string {
    const secret = randomSecret(OWNER_BYTES);
    this.#setCookie(request, response, OWNER_COOKIE, secret);
    return secret;
  }

  #setCookie(request: Request, response: Response, name: string, value: string): void {
    response.cookie(name, value, {
      httpOnly: true,
      sameSite: "strict",
      secure: this.#hasTls || request.secure,
      path: "/",
    });
  }
}

function secretOf(request: Request): string | null {
  const secret = request.get(OWNER_HEADER) ?? cookie(request, OWNER_COOKIE);
  return secret !== null && ownerPattern.test(secret) ? secret : null;
}

function cookie(request: Request, name: string): string | null {
  return parseCookie(request.get("Cookie") ?? "")[name] ?? null;
}
