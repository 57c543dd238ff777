#!/usr/bin/env node
// npm run native [-- PATH]: builds tfjs-node's binding against the libtensorflow of an installed TensorFlow.
//
// PATH may be a TensorFlow wheel (.whl), a folder that holds libtensorflow, or a site-packages folder.
// Without PATH: $TELLTALE_TENSORFLOW, then the TensorFlow that `python3` imports, then a wheel that pip can fetch.
// Everything lands in native/, which git ignores and `npm ci` leaves alone. Telltale finds it there by itself.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const TFJS_NODE = "@tensorflow/tfjs-node@4.22.0";
const NODE_GYP = "node-gyp@11";
const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const native = join(root, "native");
const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** @param {string} command @param {readonly string[]} args @param {object} [options] */
function run(command, args, options = {}) {
  return execFileSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 28,
    ...options,
  });
}

/** @returns {never} */
function fail(message) {
  console.error(`native: ${message}`);
  process.exit(1);
}

/** Folder named `tensorflow` (as in a wheel) or a plain libtensorflow folder, or null. */
function asTensorflowFolder(folder) {
  const candidates = [folder, join(folder, "tensorflow"), join(folder, "lib")];
  return (
    candidates.find(
      (c) =>
        existsSync(c) &&
        statSync(c).isDirectory() &&
        readdirSync(c).some((f) => /^libtensorflow(_cc)?\.so/.test(f)),
    ) ?? null
  );
}

/** Unpacks the shared libraries and headers of a wheel; a wheel is a zip, and python3 is there since node-gyp needs it. */
function unpackWheel(wheel) {
  const into = join(native, "tensorflow-wheel");
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const script = [
    "import sys, zipfile",
    "z = zipfile.ZipFile(sys.argv[1])",
    "keep = [n for n in z.namelist() if n.startswith(('tensorflow/libtensorflow', 'tensorflow/include/'))]",
    "z.extractall(sys.argv[2], keep)",
    "print(len(keep))",
  ].join("\n");
  run("python3", ["-c", script, wheel, into]);
  return (
    asTensorflowFolder(into) ??
    fail(`${wheel} holds no libtensorflow; expected a wheel of tensorflow or tensorflow-cpu for Linux.`)
  );
}

function installedTensorflow() {
  try {
    const where = run("python3", [
      "-c",
      "import importlib.util as u; print(u.find_spec('tensorflow').submodule_search_locations[0])",
    ]).trim();
    return asTensorflowFolder(where);
  } catch {
    return null;
  }
}

function downloadedWheel() {
  const into = join(native, "wheels");
  mkdirSync(into, { recursive: true });
  const present = readdirSync(into).find((f) => f.endsWith(".whl"));
  if (present) return join(into, present);
  console.log("native: no TensorFlow found; asking pip for the tensorflow-cpu wheel (about 270 MB)");
  try {
    run("python3", [
      "-m",
      "pip",
      "download",
      "--no-deps",
      "--retries",
      "0",
      "--dest",
      into,
      "tensorflow-cpu",
    ]);
  } catch (error) {
    fail(
      `expected a TensorFlow, but python3 imports none and pip could not fetch tensorflow-cpu (${lastLine(error)}). Give one: npm run native -- /path/to/tensorflow.whl`,
    );
  }
  const wheel = readdirSync(into).find((f) => f.endsWith(".whl"));
  return wheel ? join(into, wheel) : fail("pip downloaded no wheel.");
}

function lastLine(error) {
  return String(error.stderr ?? error.message)
    .trim()
    .split("\n")
    .at(-1);
}

function findTensorflow() {
  const given = process.argv[2] ?? process.env.TELLTALE_TENSORFLOW;
  if (given) {
    const path = resolve(given);
    if (!existsSync(path)) fail(`expected a wheel or a folder at ${path}, but nothing is there.`);
    if (path.endsWith(".whl")) return unpackWheel(path);
    return (
      asTensorflowFolder(path) ??
      fail(`expected libtensorflow in ${path}, but found none there, in tensorflow/ or in lib/.`)
    );
  }
  return installedTensorflow() ?? unpackWheel(downloadedWheel());
}

function library(folder, pattern) {
  const name = readdirSync(folder)
    .filter((f) => pattern.test(f))
    .sort()[0];
  return name ? join(folder, name) : fail(`expected a file like ${pattern} in ${folder}, but found none.`);
}

function link(target, path) {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

const started = Date.now();
mkdirSync(native, { recursive: true });
const tensorflow = findTensorflow();
console.log(`native: TensorFlow in ${tensorflow}`);

writeFileSync(join(native, "package.json"), JSON.stringify({ name: "telltale-native", private: true }));
console.log(`native: installing ${TFJS_NODE}, ${NODE_GYP}`);
run(
  "npm",
  ["install", "--prefix", native, "--ignore-scripts", "--no-audit", "--no-fund", TFJS_NODE, NODE_GYP],
  { cwd: native },
);
// One TensorFlow.js in the process: the parts that Telltale depends on are resolved in its own node_modules.
for (const name of Object.keys(dependencies).filter((name) => name.startsWith("@tensorflow/"))) {
  rmSync(join(native, "node_modules", name), { recursive: true, force: true });
}

const pkg = join(native, "node_modules/@tensorflow/tfjs-node");
const lib = join(pkg, "deps/lib");
mkdirSync(lib, { recursive: true });
const core = library(tensorflow, /^libtensorflow(_cc)?\.so/);
const framework = library(tensorflow, /^libtensorflow_framework\.so/);
link(core, join(lib, "libtensorflow.so"));
link(core, join(lib, core.slice(core.lastIndexOf("/") + 1)));
link(framework, join(lib, "libtensorflow_framework.so"));
link(framework, join(lib, "libtensorflow_framework.so.2"));
const include = [join(tensorflow, "include"), join(tensorflow, "../include")].find((f) =>
  existsSync(join(f, "tensorflow/c/c_api.h")),
);
if (!include) fail(`expected tensorflow/c/c_api.h in ${tensorflow}/include, but found none.`);
rmSync(join(pkg, "deps/include"), { recursive: true, force: true });
symlinkSync(include, join(pkg, "deps/include"));

console.log("native: building the binding");
const headers = [
  "/usr/include/node/node_api.h",
  join(process.execPath, "../../include/node/node_api.h"),
].find(existsSync);
const nodedir = headers ? [`--nodedir=${resolve(headers, "../../..")}`] : [];
try {
  run(
    process.execPath,
    [
      join(native, "node_modules/node-gyp/bin/node-gyp.js"),
      "configure",
      "build",
      ...nodedir,
      "--module_name=tfjs_binding",
      `--module_path=${join(pkg, "lib/napi-v8")}`,
      "--napi_build_version=8",
      "--tensorflow-library-action=move",
    ],
    { cwd: pkg },
  );
} catch (error) {
  fail(
    `node-gyp failed: ${
      String(error.stderr ?? "")
        .split("\n")
        .filter((l) => /error/i.test(l))
        .slice(0, 5)
        .join("; ") || lastLine(error)
    }`,
  );
}

try {
  const probe =
    "process.env.TF_CPP_MIN_LOG_LEVEL='2'; const tf=require(process.argv[1]); console.log(tf.getBackend(), tf.add(1,2).dataSync()[0], require(process.argv[1]).node ? 'ok':'')";
  console.log(
    `native: ${run(process.execPath, ["-e", probe, pkg]).trim()} in ${((Date.now() - started) / 1000).toFixed(0)} s`,
  );
} catch (error) {
  fail(`the binding was built but does not load: ${lastLine(error)}`);
}
