export {
  type Architecture,
  architectures,
  type Discriminator,
  logits,
  restoreDiscriminator,
  startDiscriminator,
} from "./discriminator.ts";
export { type ModelManifest, modelManifestSchema } from "./manifest.ts";
export {
  defaultModelDir,
  listModels,
  loadModel,
  modelsDir,
  readManifest,
  saveModel,
} from "./model-folder.ts";
export { type ParameterSpec, Parameters } from "./parameters.ts";
