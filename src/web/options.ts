import { z } from "zod";

const file = z.string().min(1);

/** Options of `telltale serve` besides those of `detect`; flags and docs come from it. */
export const serveOptionsSchema = z.strictObject({
  port: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8080)
    .describe("Port to listen on; 0 takes a free one.")
    .meta({ placeholder: "N" }),
  host: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address to listen on; the default is reached from this machine only, 0.0.0.0 from everywhere.")
    .meta({ placeholder: "ADDRESS" }),
  token: z
    .string()
    .min(16)
    .optional()
    .describe(
      "Secret of 16 characters or more that everybody has to give; TELLTALE_TOKEN keeps it out of the list of processes.",
    )
    .meta({ placeholder: "SECRET" }),
  tls: z
    .array(file)
    .refine(({ length }) => length === 2, { message: "Expected two files for --tls, certificate and key." })
    .optional()
    .describe("Certificate and key, two PEM files, to serve HTTPS.")
    .meta({ placeholder: "CERT KEY" }),
  origin: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Address that people reach the server by, where it is behind a proxy or has a name.")
    .meta({ placeholder: "URL" }),
  trustProxy: z
    .number()
    .int()
    .min(0)
    .max(8)
    .default(0)
    .describe("Proxies in front of the server whose X-Forwarded-For is believed.")
    .meta({ placeholder: "N" }),
  cors: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Origin of another site whose pages may call the API; none when left out.")
    .meta({ placeholder: "URL" }),
  jobs: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(2)
    .describe("Files that are judged at once.")
    .meta({ placeholder: "N" }),
  queue: z
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(32)
    .describe("Files that may wait or be on their way besides; more are told to come back later.")
    .meta({ placeholder: "N" }),
  perClient: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(8)
    .describe("Of these, files of one client address at most.")
    .meta({ placeholder: "N" }),
  maxMib: z
    .number()
    .int()
    .min(1)
    .max(1 << 20)
    .default(2048)
    .describe("Largest file that is taken, in MiB.")
    .meta({ placeholder: "N" }),
  maxSec: z
    .number()
    .positive()
    .max(604_800)
    .default(7200)
    .describe("Longest video that is taken, in seconds.")
    .meta({ placeholder: "N" }),
  maxMegapixels: z
    .number()
    .positive()
    .max(200)
    .default(64)
    .describe("Largest picture or frame that is taken, in megapixels.")
    .meta({ placeholder: "N" }),
  uploadSec: z
    .number()
    .positive()
    .max(86_400)
    .default(1800)
    .describe("Seconds that an upload may take; one that comes to a halt ends after 15.")
    .meta({ placeholder: "N" }),
  jobSec: z
    .number()
    .positive()
    .max(86_400)
    .default(600)
    .describe("Seconds that judging a file may take.")
    .meta({ placeholder: "N" }),
  keep: z
    .number()
    .positive()
    .max(10_080)
    .default(60)
    .describe("Minutes that results are kept; then they are wiped. Uploads are deleted once they are judged.")
    .meta({ placeholder: "MINUTES" }),
  keepMib: z
    .number()
    .int()
    .min(1)
    .max(1 << 20)
    .default(256)
    .describe("Results kept at once, in MiB; the oldest are wiped before their time.")
    .meta({ placeholder: "N" }),
  store: file
    .optional()
    .describe("Folder that keeps the results, so that they outlive a restart; memory when left out.")
    .meta({ placeholder: "DIR" }),
  graceSec: z
    .number()
    .min(0)
    .max(3600)
    .default(30)
    .describe("Seconds that a server that is told to stop gives to what runs; then it reports it as stopped.")
    .meta({ placeholder: "N" }),
});

/** Options of the server with every default filled in. */
export type ServeOptions = z.output<typeof serveOptionsSchema>;

/** Waits that no flag sets; tests shorten them. */
export interface Timings {
  /** For the headers of a request to arrive: what a slow loris stretches. */
  readonly headersMs: number;
  /** A socket without any traffic for this long is closed, unless it waits for the answer to `?wait`. */
  readonly idleMs: number;
  /** Without {@link minUploadBytes} of an upload for this long, it has come to a halt. */
  readonly stallMs: number;
  /** Without listeners to its events for this long, a job that had some is cancelled; a reload takes less. */
  readonly leftMs: number;
  /** Between two signs of life on a stream of events: proxies cut what is silent for a minute. */
  readonly heartbeatMs: number;
  /** Between two looks for results whose time has come. */
  readonly sweepMs: number;
}

export const timings: Timings = {
  headersMs: 10_000,
  idleMs: 120_000,
  stallMs: 15_000,
  leftMs: 10_000,
  heartbeatMs: 15_000,
  sweepMs: 15_000,
};

/** In each `stallMs`: 1 KiB/s, which the slowest mobile network reaches. */
export const minUploadBytes = 15 << 10;
