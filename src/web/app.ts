import cors from "cors";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import helmet from "helmet";
import { TelltaleError } from "../errors.ts";
import { OWNER_HEADER } from "./access.ts";
import { httpErrorOf, sendError } from "./http-errors.ts";
import { jobRoutes } from "./job-routes.ts";
import { expressPath } from "./route.ts";
import { checkHost, checkOrigin, originOf } from "./same-origin.ts";
import type { ServerParts } from "./server-parts.ts";
import { serverRoutes } from "./server-routes.ts";

/** A year, in seconds, as usual for HSTS. */
const HSTS_SEC = 31_536_000;

/** The page and the API. @param pageFolder holds the built page */
export function makeApp(parts: ServerParts, pageFolder: string): Express {
  const { options, access } = parts;
  const app = express();
  app.set("trust proxy", options.trustProxy);
  app.use(securityHeaders(options.tls !== undefined));
  app.use((request, _response, next) => {
    checkHost(request, options);
    next();
  });
  if (options.cors !== undefined) app.use(allowOrigin(originOf(options.cors)!));

  const jobs = jobRoutes(parts);
  for (const route of [...jobs, ...serverRoutes(parts, jobs)]) {
    app[route.method](expressPath(route), async (request, response) => {
      response.set("Cache-Control", "no-store");
      if (!route.isOpen) access.check(request);
      if (route.method !== "get") checkOrigin(request, options);
      await route.handle(request, response);
    });
  }

  app.get("/", (request, response, next) => {
    access.issueOwnerCookie(request, response);
    next();
  });
  app.use(express.static(pageFolder, { dotfiles: "ignore", redirect: false, maxAge: 0 }));
  app.use((request) => {
    throw new TelltaleError("NOT_FOUND", `Expected a known address but received ${request.path}.`);
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    parts.metrics.countRefusal(httpErrorOf(error).code);
    sendError(request, response, error);
  });
  return app;
}

// Nothing inline, nothing from elsewhere; blob: is the file that its reader picked, shown from their own disk.
function securityHeaders(hasTls: boolean) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "blob:", "data:"],
        mediaSrc: ["blob:"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ["'none'"],
      },
    },
    strictTransportSecurity: hasTls ? { maxAge: HSTS_SEC } : false,
    referrerPolicy: { policy: "no-referrer" },
    xFrameOptions: { action: "deny" },
  });
}

// Without credentials: a page of another site calls the API with a token and the owner's header, never with cookies.
function allowOrigin(allowed: string) {
  const headers = cors({
    origin: (origin, answer) => answer(null, origin === allowed),
    methods: ["GET", "POST", "DELETE"],
    allowedHeaders: ["Authorization", "Content-Type", OWNER_HEADER],
    exposedHeaders: [OWNER_HEADER, "Retry-After", "Location"],
    maxAge: 600,
  });
  return (request: Request, response: Response, next: NextFunction) => {
    response.vary("Origin");
    if (request.get("Origin") === allowed) response.set("Cross-Origin-Resource-Policy", "cross-origin");
    headers(request, response, next);
  };
}
