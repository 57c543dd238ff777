import { big } from "./big.ts";
import type { GanArchitecture, GanFamily } from "./gan-network.ts";
import { progressive } from "./progressive.ts";
import { style } from "./style.ts";
import { vanilla } from "./vanilla.ts";

/** The architectures by name. */
export const families: Record<GanArchitecture, GanFamily> = { vanilla, progressive, style, big };
