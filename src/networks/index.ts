export { cropBatch } from "./crop-batch.ts";
export {
  type Discriminator,
  restoreDiscriminator,
  startDiscriminator,
  startGanDiscriminator,
  trainedVariables,
} from "./discriminator.ts";
export { type Forger, forgeFaces, restoreForger, startForger } from "./forgers/forger.ts";
export { loadForger, saveForger } from "./forgers/forger-folder.ts";
export {
  type ForgerKind,
  type ForgerNetwork,
  type Person,
  people,
} from "./forgers/forger-network.ts";
export {
  type GanArchitecture,
  type GanNetwork,
  ganArchitectures,
  type Judgement,
  type Pass,
  type Stage,
} from "./gan/gan-network.ts";

export {
  drawLatents,
  type Generator,
  generate,
  restoreGenerator,
  startGenerator,
} from "./gan/generator.ts";
export { discriminatorAsLayers, generatorAsLayers } from "./gan/layers-export.ts";
export {
  loadGanDiscriminator,
  loadGenerator,
  readGanManifest,
  saveGanNetwork,
} from "./gan/network-folder.ts";
export {
  CLASS_COUNT,
  CLASSES,
  headLogits,
  realLogit,
} from "./heads.ts";
export { judge, logits } from "./logits.ts";
export {
  type ModelManifest,
  type ModelThresholds,
  modelManifestSchema,
} from "./manifest.ts";
export { backboneFeatures, backboneSpecs, pretrainedBackbone } from "./mobilenet-v1.ts";
export { loadModel, saveModel } from "./model-folder.ts";
export { Parameters } from "./parameters.ts";
export { defaultModelDir, listModels, modelsDir, readManifest } from "./read-manifest.ts";
export { signAgainst } from "./sign-against.ts";
export { type IsTrainedOn, readTrainedOn, writeTrainedOn } from "./trained-on.ts";
