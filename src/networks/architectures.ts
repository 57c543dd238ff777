import { TelltaleError } from "../errors.ts";
import { TRUNK_CHANNELS, trunkSpecs } from "./face-trunk.ts";
import { families } from "./gan/families.ts";
import { type GanNetwork, ganArchitectures } from "./gan/gan-network.ts";
import { projectedSpecs } from "./gan/projected.ts";
import type { ParameterSpec } from "./parameters.ts";
import { trunkStatisticsSpecs } from "./trunk-statistics.ts";
import { twoViewsSpecs } from "./two-views.ts";

/**
 * `face-trunk`: MobileNetV1, mean over space, one linear unit; 3.2 million values. `trunk-statistics`: means and deviations
 * of twelve of its blocks, one hidden layer; 6.2 million. `trunk-face`: the same of the middle of the crop, three classes; 6.2
 * million. `trunk-synthesis`: the same and a quadratic form that looks for synthesised faces; 7.8 million. `two-views`,
 * `two-views-face`, `two-views-synthesis`: a `face-trunk` and one of these, fused. `projected`: heads on the frozen trunk. The
 * others: the second network of the GAN of that name.
 */
export const architectures = [
  "face-trunk",
  "trunk-statistics",
  "trunk-face",
  "trunk-synthesis",
  "two-views",
  "two-views-face",
  "two-views-synthesis",
  "projected",
  ...ganArchitectures,
] as const;
export type Architecture = (typeof architectures)[number];
/** Those that are the face trunk with a head. */
export type TrunkArchitecture = "face-trunk" | StatisticsArchitecture;
/** Those whose head takes statistics of the trunk's maps. */
export type StatisticsArchitecture = "trunk-statistics" | "trunk-face" | "trunk-synthesis";
/** Those that are two of the above, a `face-trunk` and this one. */
export const FUSED = {
  "two-views": "trunk-statistics",
  "two-views-face": "trunk-face",
  "two-views-synthesis": "trunk-synthesis",
} as const satisfies Partial<Record<Architecture, StatisticsArchitecture>>;
export type FusedArchitecture = keyof typeof FUSED;

/** What each of them takes statistics of, and says. */
const STATISTICS = {
  "trunk-statistics": "crop",
  "trunk-face": "face",
  "trunk-synthesis": "synthesis",
} as const satisfies Record<StatisticsArchitecture, unknown>;

export const isFused = (architecture: Architecture): architecture is FusedArchitecture =>
  architecture in FUSED;
/** Whether the head takes statistics, which a frozen trunk says once of each face. */
export const hasStatistics = (architecture: Architecture): architecture is StatisticsArchitecture =>
  architecture in STATISTICS;

/** The network over statistics that this one is, or has for its second view; null where there is none. */
export function statisticsPart(architecture: Architecture): StatisticsArchitecture | null {
  if (hasStatistics(architecture)) return architecture;
  return isFused(architecture) ? FUSED[architecture] : null;
}

const HEAD: readonly ParameterSpec[] = [
  { name: "head/kernel", shape: [TRUNK_CHANNELS, 1] },
  { name: "head/bias", shape: [1] },
];

/** The tensors of a discriminator. @param network sizes, for a GAN's */
export function specsOf(
  architecture: Architecture,
  network: GanNetwork | undefined,
): readonly ParameterSpec[] {
  if (architecture === "face-trunk") return [...trunkSpecs, ...HEAD];
  if (hasStatistics(architecture)) return trunkStatisticsSpecs(STATISTICS[architecture]);
  if (isFused(architecture)) {
    return twoViewsSpecs([...trunkSpecs, ...HEAD], specsOf(FUSED[architecture], undefined));
  }
  if (architecture === "projected") return projectedSpecs();
  if (network === undefined) {
    throw new TelltaleError("MODEL_INVALID", `Expected the sizes of the network beside "${architecture}".`);
  }
  return families[architecture].discriminatorSpecs(network);
}
