import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type GraphModel, loadGraphModel } from "@tensorflow/tfjs-converter";
import type { io } from "@tensorflow/tfjs-core";
import { TelltaleError } from "../errors.ts";

export type { GraphModel };

/**
 * Reads a TensorFlow.js graph model (`model.json` and its weight files) from disk, on any backend.
 *
 * @param options.anySize lets a fully convolutional graph take images of any size: the length in its reshapes to
 *   `[1, length, ...]` becomes -1
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`
 */
export async function readGraphModel(path: string, options: { anySize?: boolean } = {}): Promise<GraphModel> {
  const artifacts = await readArtifacts(path);
  try {
    if (options.anySize === true) freeSize(artifacts);
    return await loadGraphModel({ load: async () => artifacts });
  } catch (error) {
    throw invalid(path, "it does not load", error);
  }
}

/**
 * Topology and weights of a graph model, as stored; `tf.io.decodeWeights` converts 16-bit floats.
 *
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`
 */
export async function readArtifacts(path: string): Promise<io.ModelArtifacts> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw missing(path, error);
  }
  let json: io.ModelJSON;
  let files: string[];
  try {
    json = JSON.parse(text) as io.ModelJSON;
    files = json.weightsManifest.flatMap((group) => group.paths);
  } catch (error) {
    throw invalid(path, "its JSON is broken or names no weights", error);
  }
  const joined = Buffer.concat(
    await Promise.all(files.map((file) => readWeights(join(dirname(path), file)))),
  );
  return {
    modelTopology: json.modelTopology,
    weightSpecs: json.weightsManifest.flatMap((group) => group.weights),
    // A copy, because a Buffer may be a view of a larger pool.
    weightData: joined.buffer.slice(joined.byteOffset, joined.byteOffset + joined.byteLength) as ArrayBuffer,
  };
}

async function readWeights(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw missing(path, error);
  }
}

function missing(path: string, cause: unknown): TelltaleError {
  return new TelltaleError("MODEL_MISSING", `Expected a model at ${path}, but it cannot be read.`, { cause });
}

function invalid(path: string, what: string, cause: unknown): TelltaleError {
  const sentence = `Expected a TensorFlow.js graph model at ${path}, but ${what}.`;
  return new TelltaleError("MODEL_INVALID", sentence, { cause });
}

interface GraphNode {
  readonly op: string;
  readonly input?: string[];
  readonly attr?: { shape?: { shape?: { dim?: { size: string }[] } } };
}

function freeSize(artifacts: io.ModelArtifacts): void {
  const nodes = (artifacts.modelTopology as { node: GraphNode[] }).node;
  for (const { op, attr } of nodes) {
    if (op !== "Placeholder") continue;
    for (const side of attr?.shape?.shape?.dim?.slice(1, 3) ?? []) side.size = "-1";
  }
  const shapeNames = new Set(nodes.filter((n) => n.op === "Reshape").map((n) => n.input?.[1]));
  const data = artifacts.weightData as ArrayBuffer;
  let offset = 0;
  for (const spec of artifacts.weightSpecs ?? []) {
    const count = spec.shape.reduce((a, b) => a * b, 1);
    const bytes = count * (spec.quantization?.dtype === "float16" ? 2 : 4);
    if (shapeNames.has(spec.name) && spec.dtype === "int32") {
      new DataView(data, offset, bytes).setInt32(4, -1, true);
    }
    offset += bytes;
  }
}
