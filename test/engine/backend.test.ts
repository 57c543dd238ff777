import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { tf, useBackend } from "../../src/engine/index.ts";
import { backendsHere, nativeMissing } from "./backends.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "telltale-backend-"));
afterAll(() => rmSync(temporary, { recursive: true }));

/** What `useBackend` answers in a process of its own. */
async function ask(request: string, options: { nodeFlags?: string[]; engine?: string } = {}) {
  const engine = pathToFileURL(join(options.engine ?? root, "src/engine/backend.ts")).href;
  const script = join(root, "test/engine/use-backend.ts");
  const args = [...(options.nodeFlags ?? []), "--import", "tsx", script, engine, request];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<string, unknown>;
}

/** A checkout without `native/`, on the same packages. */
function checkoutWithoutNative(): string {
  const checkout = join(temporary, "checkout");
  mkdirSync(join(checkout, "src"), { recursive: true });
  writeFileSync(join(checkout, "package.json"), '{ "type": "module" }');
  for (const part of ["engine", "errors.ts"])
    cpSync(join(root, "src", part), join(checkout, "src", part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
  return checkout;
}

function hasNativePackage(): boolean {
  const require = createRequire(import.meta.url);
  return ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"].some((name) => {
    try {
      return require.resolve(name) !== "";
    } catch {
      return false;
    }
  });
}

describe("useBackend", () => {
  test.each(["wasm", "cpu"] as const)("%s loads, computes, and says what it is", async (name) => {
    const backend = await useBackend(name);
    expect(backend.name).toBe(name);
    expect(backend.detail).toBe(name === "cpu" ? "plain JavaScript" : "WebAssembly with SIMD");
    expect(backend.passedOver).toEqual([]);
    expect(tf.getBackend()).toBe(name);
    expect(tf.tidy(() => [...tf.add([1, 2, 3], [0.5, 0.5, 0.5]).dataSync()])).toEqual([1.5, 2.5, 3.5]);
  });

  test.skipIf(nativeMissing !== null)("tensorflow loads, and names its libtensorflow", async () => {
    const backend = await useBackend("tensorflow");
    expect(backend.name).toBe("tensorflow");
    expect(backend.detail).toMatch(/^tfjs-node.*, libtensorflow \d+\.\d+\.\d+/);
    expect(tf.getBackend()).toBe("tensorflow");
    expect(tf.tidy(() => [...tf.add([1, 2, 3], [0.5, 0.5, 0.5]).dataSync()])).toEqual([1.5, 2.5, 3.5]);
  });

  test("auto takes the fastest that loads and says why the others were passed over", async () => {
    const backend = await useBackend("auto");
    expect(backend.name).toBe(backendsHere[0]);
    expect(backend.passedOver).toHaveLength(nativeMissing === null ? 0 : 1);
  });

  test("a backend that is forced and does not load is BACKEND_UNAVAILABLE", async () => {
    expect(await ask("wasm", { nodeFlags: ["--no-expose-wasm"] })).toEqual({
      code: "BACKEND_UNAVAILABLE",
      message:
        'Expected backend "wasm" to load, but WebAssembly does not start here. ' +
        "Run `telltale doctor` to see what works here, or leave --backend out.",
    });
  });

  const packaged = hasNativePackage();
  if (packaged)
    console.warn("The test without a native TensorFlow is skipped: a package of it is installed.");
  test.skipIf(packaged)("without a native TensorFlow, tensorflow names the way to one", async () => {
    const engine = checkoutWithoutNative();
    expect(await ask("tensorflow", { engine })).toEqual({
      code: "BACKEND_UNAVAILABLE",
      message:
        'Expected backend "tensorflow" to load, but no native TensorFlow is installed (`npm run native` builds one). ' +
        "Run `telltale doctor` to see what works here, or leave --backend out.",
    });
    expect(await ask("auto", { engine })).toEqual({
      name: "wasm",
      detail: "WebAssembly with SIMD",
      passedOver: ["no native TensorFlow is installed (`npm run native` builds one)"],
    });
  });
});
