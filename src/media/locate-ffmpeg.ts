import { accessSync, chmodSync, constants, existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { TelltaleError } from "../errors.ts";
import { runProcess } from "./ffmpeg-process.ts";

const require = createRequire(import.meta.url);
const suffix = process.platform === "win32" ? ".exe" : "";

/** libavutil of ffmpeg 5.0. Static builds of a git revision have no other version number. */
const firstModernLibavutil = 57;

/** The ffmpeg and ffprobe that this process uses. */
export interface FfmpegLocation {
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
  /** As `ffmpeg -version` prints it, e.g. `5.1.9-0+deb12u1`. */
  readonly version: string;
  /** `env`: TELLTALE_FFMPEG; `path`: found on PATH; `npm`: the static build from the npm registry. */
  readonly source: "env" | "path" | "npm";
  /** Version of libavutil, e.g. 57.028 for 57.28. */
  readonly libavutil: number;
  /** True before ffmpeg 5 (the npm build is from 2018): works, but lacks later decoder fixes. */
  readonly isOld: boolean;
  /** Whether `-fps_mode` exists (ffmpeg 5.1); else `-vsync` is used. */
  readonly hasFpsMode: boolean;
  /** Whether `-autoscale` exists (ffmpeg 4.4); else all frames get the size of the first. */
  readonly hasAutoscale: boolean;
  /** Whether the zscale filter exists, which HDR needs. */
  readonly hasZscale: boolean;
}

// Cache per process, because each start of ffmpeg takes 50 ms.
const located = new Map<string, Promise<FfmpegLocation>>();

/**
 * Finds ffmpeg and ffprobe: TELLTALE_FFMPEG and TELLTALE_FFPROBE, then version 5 or later on PATH, then the newer of an older
 * version on PATH and the static builds from npm (`@ffmpeg-installer/ffmpeg`, `@ffprobe-installer/ffprobe`).
 *
 * @throws TelltaleError FFMPEG_MISSING if none works
 */
export function locateFfmpeg(env: NodeJS.ProcessEnv = process.env): Promise<FfmpegLocation> {
  const key = JSON.stringify([env.TELLTALE_FFMPEG, env.TELLTALE_FFPROBE, env.PATH]);
  let location = located.get(key);
  if (!location) {
    location = search(env);
    located.set(key, location);
    location.catch(() => located.delete(key));
  }
  return location;
}

async function search(env: NodeJS.ProcessEnv): Promise<FfmpegLocation> {
  if (env.TELLTALE_FFMPEG) {
    const ffmpegPath = env.TELLTALE_FFMPEG;
    const sibling = join(dirname(ffmpegPath), `ffprobe${suffix}`);
    const ffprobePath =
      env.TELLTALE_FFPROBE ||
      (existsSync(sibling)
        ? sibling
        : (onPath(`ffprobe${suffix}`, env) ?? npmBinary("ffprobe") ?? "ffprobe"));
    return examine({ ffmpegPath, ffprobePath, source: "env" });
  }

  const ffmpegPath = onPath(`ffmpeg${suffix}`, env);
  const ffprobePath = env.TELLTALE_FFPROBE || onPath(`ffprobe${suffix}`, env);
  const found =
    ffmpegPath && ffprobePath
      ? await examine({ ffmpegPath, ffprobePath, source: "path" }).catch(() => null)
      : null;
  if (found && !found.isOld) return found;

  const npm = { ffmpegPath: npmBinary("ffmpeg"), ffprobePath: env.TELLTALE_FFPROBE || npmBinary("ffprobe") };
  if (npm.ffmpegPath && npm.ffprobePath) {
    const build = { ffmpegPath: npm.ffmpegPath, ffprobePath: npm.ffprobePath, source: "npm" } as const;
    const installed = found ? await examine(build).catch(() => null) : await examine(build);
    // Both are old: the newer one.
    if (installed && (!found || installed.libavutil > found.libavutil)) return installed;
  }
  if (found) return found;
  throw new TelltaleError(
    "FFMPEG_MISSING",
    "Expected ffmpeg 5 or later on PATH but found none, and no build from npm either: install it (Debian: apt-get install ffmpeg), set TELLTALE_FFMPEG to its path, or reinstall without --omit=optional.",
  );
}

async function examine(
  paths: Pick<FfmpegLocation, "ffmpegPath" | "ffprobePath" | "source">,
): Promise<FfmpegLocation> {
  const banner = await versionBanner(paths.ffmpegPath);
  // Programs in one folder come from the same build, so one check is enough.
  if (dirname(paths.ffprobePath) !== dirname(paths.ffmpegPath)) await versionBanner(paths.ffprobePath);
  const [, major = "0", minor = "0"] = /^\s*libavutil\s+(\d+)\.\s*(\d+)/m.exec(banner) ?? [];
  const libavutil = Number(major) + Number(minor) / 1000;
  return {
    ...paths,
    version: /^ffmpeg version (\S+)/.exec(banner)?.[1] ?? "unknown",
    libavutil,
    isOld: libavutil < firstModernLibavutil,
    hasFpsMode: libavutil >= 57.028,
    hasAutoscale: libavutil >= 56.07,
    hasZscale: banner.includes("--enable-libzimg"),
  };
}

async function versionBanner(path: string): Promise<string> {
  const run = await runProcess({
    binaryPath: path,
    command: ["-version"],
    mediaPath: path,
    timeoutMs: 20_000,
  });
  if (run.succeeded && run.stdout.includes(" version ")) return run.stdout;
  const sentence = `Expected a working ffmpeg at ${path} but it did not run: install ffmpeg 5 or later, or point TELLTALE_FFMPEG and TELLTALE_FFPROBE at one.`;
  throw new TelltaleError("FFMPEG_MISSING", sentence, { cause: run.stderr });
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | null {
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    const path = join(folder, name);
    if (folder && existsSync(path) && isRunnable(path)) return path;
  }
  return null;
}

function npmBinary(tool: "ffmpeg" | "ffprobe"): string | null {
  let path: string;
  try {
    // Both packages throw on unsupported platforms.
    path = (require(`@${tool}-installer/${tool}`) as { path: string }).path;
  } catch {
    return null;
  }
  if (!isRunnable(path)) makeRunnable(path);
  return path;
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

// The executable bit is missing if npm blocks install scripts, and the ffprobe package sets it for the owner only.
function makeRunnable(path: string): void {
  try {
    chmodSync(path, 0o755);
  } catch (cause) {
    const sentence = `Expected an executable at ${path} but its x bit is missing and could not be set: run chmod +x on it as its owner, or install ffmpeg 5 or later.`;
    throw new TelltaleError("FFMPEG_MISSING", sentence, { cause });
  }
}
