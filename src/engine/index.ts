// Registers the gradients of all operations. The bundled scoring worker omits it.
import "@tensorflow/tfjs-layers";

export { leakyRelu, relu, relu6 } from "./activations.ts";
export { type Backend, type BackendName, type BackendRequest, backendNames, useBackend } from "./backend.ts";
export { BATCH_NORM_EPSILON, normaliseBatch } from "./batch-norm.ts";
export { fastestPrecision, type Precision, withPrecision } from "./bfloat16.ts";
export { dropout } from "./dropout.ts";
export { assignFlatValues, flatValues } from "./flat-values.ts";
export { type GraphModel, readArtifacts, readGraphModel } from "./graph-model.ts";
export { humanModelPath } from "./human-models.ts";
export { inBatches } from "./in-batches.ts";
export { type LayersModel, layers, type SymbolicTensor, writeLayersModel } from "./layers-model.ts";
export { mapOrdered } from "./map-ordered.ts";
export { packageRoot } from "./native-binding.ts";
export { type Random, seededRandom } from "./random.ts";
export { blur, downsample, upsample } from "./resampling.ts";
export { runAndRead } from "./run-and-read.ts";
export {
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tf,
  type Variable,
} from "./tensorflow.ts";
export { WorkerPool } from "./worker-pool.ts";
export { serveJobs } from "./worker-thread.ts";
