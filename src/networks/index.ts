export {
  type Architecture,
  architectures,
  hasStatistics,
  isFused,
  statisticsPart,
  type TrunkArchitecture,
} from "./architectures.ts";
export { classActivation, hasClassActivation } from "./class-activation.ts";
export {
  type Discriminator,
  firstView,
  joinViews,
  restoreDiscriminator,
  startDiscriminator,
  startGanDiscriminator,
  trainedVariables,
} from "./discriminator.ts";
export { pretrainedTrunk, trunkFeatures, trunkSpecs } from "./face-trunk.ts";
export { type Forger, forgeFaces, restoreForger, startForger } from "./forgers/forger.ts";
export { type ForgerManifest, loadForger, saveForger } from "./forgers/forger-folder.ts";
export {
  type ForgerKind,
  type ForgerNetwork,
  forgerNetworkSchema,
  type Person,
  people,
} from "./forgers/forger-network.ts";
export {
  type GanArchitecture,
  type GanNetwork,
  ganArchitectures,
  ganNetworkSchema,
  type Judgement,
  type Pass,
  type Stage,
  sidesAboveFour,
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
  type GanManifest,
  loadGanDiscriminator,
  loadGenerator,
  readGanManifest,
  saveGanNetwork,
} from "./gan/network-folder.ts";
export { classLogits, judge, logits, viewLogits } from "./logits.ts";
export {
  type ModelManifest,
  type ModelThresholds,
  modelManifestSchema,
  thresholdsFor,
} from "./manifest.ts";
export {
  defaultModelDir,
  listModels,
  loadModel,
  modelsDir,
  readManifest,
  saveModel,
} from "./model-folder.ts";
export { type ParameterSpec, Parameters } from "./parameters.ts";
export { signAgainst } from "./sign-against.ts";
export {
  DIRECTIONS,
  hasSynthesisForm,
  rescaleSynthesisForm,
  type SynthesisForm,
  setSynthesisForm,
  synthesisLogits,
  toUnitLength,
} from "./synthesis-form.ts";
export {
  STATISTICS_COUNT,
  seenShare,
  setStandard,
  standardise,
  statisticsClasses,
  trunkStatistics,
} from "./trunk-statistics.ts";
export { FIRST_VIEW_PX } from "./two-views.ts";
