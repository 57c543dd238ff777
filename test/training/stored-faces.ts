import { type Split, splitOf } from "../../src/data/data-index.ts";
import type { StoredFace } from "../../src/data/face-dataset.ts";

/** A face of a store. */
export function storedFace(change: Partial<StoredFace>): StoredFace {
  return {
    file: "a.png",
    source: "studio",
    label: "real",
    generator: "none",
    group: "g",
    attributes: "",
    facePx: 100,
    timeSec: null,
    isVideo: false,
    ...change,
  };
}

/** The first groups of a source that lie on one side of the split. */
export function groupsOn(split: Split, count: number, source = "studio"): string[] {
  const groups: string[] = [];
  for (let i = 0; groups.length < count; i++) {
    const group = `person-${i}`;
    if (splitOf({ source, group }) === split) groups.push(group);
  }
  return groups;
}
