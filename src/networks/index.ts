export { cropBatch } from "./crop-batch.ts";
export {
  type Discriminator,
  discriminatorFromWeights,
  initDiscriminator,
  initGanDiscriminator,
  trainedVariables,
} from "./discriminator.ts";
export {
  type DiscriminatorOutput,
  type GanArchitecture,
  type GanNetwork,
  ganArchitectures,
  type Pass,
  type Stage,
} from "./gan/gan-network.ts";
export {
  drawLatents,
  type Generator,
  generate,
  generatorFromWeights,
  initGenerator,
} from "./gan/generator.ts";
export { discriminatorAsLayers, generatorAsLayers } from "./gan/layers-export.ts";
export {
  loadGanDiscriminator,
  loadGenerator,
  readGanManifest,
  saveGanNetwork,
} from "./gan/network-folder.ts";
export { gradientSign } from "./gradient-sign.ts";
export {
  CLASS_COUNT,
  CLASSES,
  headLogits,
  realLogit,
} from "./heads.ts";
export { discriminate, logits } from "./logits.ts";
export {
  type ModelManifest,
  type ModelThresholds,
  modelManifestSchema,
} from "./manifest.ts";
export { loadManipulationModel, saveManipulationModel } from "./manipulation/manipulation-folder.ts";
export {
  initManipulationModel,
  type ManipulationModel,
  manipulateFaces,
  manipulationModelFromWeights,
} from "./manipulation/manipulation-model.ts";
export {
  type ManipulationKind,
  type ManipulationNetwork,
  type Person,
  people,
} from "./manipulation/manipulation-network.ts";
export { backboneFeatures, backboneMaps, backboneSpecs, pretrainedBackbone } from "./mobilenet-v1.ts";
export { loadModel, saveModel } from "./model-folder.ts";
export { Parameters } from "./parameters.ts";
export { defaultModelDir, listModels, modelsDir, readManifest } from "./read-manifest.ts";
export { type IsTrainedOn, readTrainedOn, writeTrainedOn } from "./trained-on.ts";
