import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { availableParallelism, freemem, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { TelltaleError } from "../errors.ts";

/** One thing that doctor looked at. */
export interface Check {
  readonly name: string;
  /** `ok` works; `warn` works worse than it could; `fail` keeps detection from running. */
  readonly state: "ok" | "warn" | "fail";
  readonly found: string;
  /** What to do about it; null when there is nothing to do. */
  readonly advice: string | null;
}

const GIB = 2 ** 30;
/** Detection peaks below this on one worker; more workers want more. */
const ENOUGH_MEMORY = 1 * GIB;
/** Loading a native library from a cold disk takes seconds, not this. */
const PROBE_TIMEOUT_MS = 60_000;

/** Everything that `telltale detect` needs, in the order in which to mend it. */
export async function checkAll(): Promise<Check[]> {
  const [ffmpeg, backends, model, temp] = await Promise.all([
    checkFfmpeg(),
    checkBackends(),
    checkModel(),
    checkTemp(),
  ]);
  return [checkNode(), ffmpeg, ...backends, model, checkMemory(), checkCores(), temp];
}

/** Node 20.9 to 22: below, sharp does not install; above, tfjs-node's JavaScript calls what is gone. */
export function checkNode(version: string = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 9)) {
    return {
      name: "node",
      state: "fail",
      found: version,
      advice: "Install Node 20.9 or later, best 20 or 22.",
    };
  }
  if (major > 22) {
    const advice =
      "Node 20 or 22 is what telltale is tested on; the tensorflow backend breaks on 23 and later.";
    return { name: "node", state: "warn", found: version, advice };
  }
  return { name: "node", state: "ok", found: version, advice: null };
}

async function checkFfmpeg(): Promise<Check> {
  const { locateFfmpeg } = await import("../media/index.ts");
  try {
    const { version, ffmpegPath, ffprobePath, source, isOld } = await locateFfmpeg();
    const from = source === "npm" ? "from npm" : source === "env" ? "from TELLTALE_FFMPEG" : "on PATH";
    const found = `${version} ${from}: ${ffmpegPath}, ${ffprobePath}`;
    if (!isOld) return { name: "ffmpeg", state: "ok", found, advice: null };
    const advice =
      "This build is old (2018): new codecs and HDR fail. Install ffmpeg 5 or later (Debian: apt-get install ffmpeg).";
    return { name: "ffmpeg", state: "warn", found, advice };
  } catch (error) {
    return { name: "ffmpeg", state: "fail", found: "none", advice: messageOf(error) };
  }
}

const backendAdvice = {
  tensorflow:
    "Detection works without it; `npm run native` in telltale's folder builds it; training needs it, detection gains little.",
  wasm: "Update Node: every release since 16 has WebAssembly with SIMD.",
  cpu: "Reinstall telltale's packages: npm ci.",
} as const;

async function checkBackends(): Promise<Check[]> {
  const names = ["tensorflow", "wasm", "cpu"] as const;
  const probes = await Promise.all(names.map(probeBackend));
  const fastest = names.find((_, i) => probes[i]!.loads);
  const anyLoads = fastest !== undefined;
  const found = `${fastest}, which is used unless --backend says otherwise`;
  const choice: Check[] = anyLoads ? [{ name: "fastest backend", state: "ok", found, advice: null }] : [];
  const checks = names.map((name, i): Check => {
    const { loads, detail } = probes[i]!;
    if (loads) return { name: `backend ${name}`, state: "ok", found: detail, advice: null };
    return {
      name: `backend ${name}`,
      state: anyLoads ? "warn" : "fail",
      found: detail,
      advice: backendAdvice[name],
    };
  });
  return [...checks, ...choice];
}

async function probeBackend(name: string): Promise<{ loads: boolean; detail: string }> {
  // Beside this file, in the language of this file: dist/ holds .js, src/ .ts.
  const script = fileURLToPath(new URL(`./backend-probe${import.meta.url.slice(-3)}`, import.meta.url));
  const run = promisify(execFile)(process.execPath, [...process.execArgv, script, name], {
    timeout: PROBE_TIMEOUT_MS,
  });
  try {
    return JSON.parse((await run).stdout) as { loads: boolean; detail: string };
  } catch (error) {
    const { signal, code } = error as { signal?: string; code?: number };
    return { loads: false, detail: `loading it ended the process (${signal ?? `exit code ${code}`})` };
  }
}

async function checkModel(): Promise<Check> {
  const { defaultModelDir, readManifest } = await import("../networks/read-manifest.ts");
  const { fingerprint } = await import("../media/index.ts");
  try {
    const { name, version, weights } = await readManifest(defaultModelDir);
    const { sha256 } = await fingerprint(join(defaultModelDir, weights.file));
    const found = `${name} ${version} (${sha256.slice(0, 12)}) in ${defaultModelDir}`;
    if (sha256 === weights.sha256) return { name: "model", state: "ok", found, advice: null };
    const advice = "The weights are not those that the manifest names: reinstall telltale.";
    return { name: "model", state: "fail", found, advice };
  } catch (error) {
    return { name: "model", state: "fail", found: "none that can be used", advice: messageOf(error) };
  }
}

function checkMemory(): Check {
  const found = `${gib(freemem())} free of ${gib(totalmem())}`;
  if (totalmem() >= ENOUGH_MEMORY) return { name: "memory", state: "ok", found, advice: null };
  return { name: "memory", state: "warn", found, advice: "Use --workers 1 to stay within this memory." };
}

function checkCores(): Check {
  return { name: "cores", state: "ok", found: String(availableParallelism()), advice: null };
}

async function checkTemp(): Promise<Check> {
  const found = tmpdir();
  try {
    await access(found, constants.W_OK);
    return { name: "temp", state: "ok", found, advice: null };
  } catch {
    return { name: "temp", state: "warn", found, advice: "Set TMPDIR to a folder that you may write to." };
  }
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}

function messageOf(error: unknown): string {
  return error instanceof TelltaleError ? error.message : String(error);
}
