import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { poseDistance } from "../../augmentation/index.ts";
import type { DataItem } from "../../data/data-index.ts";
import { readPictures } from "../../data/read-pictures.ts";
import { seededRandom, useBackend } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import { type DetectedFace, FaceFinder, type Picture } from "../../faces/index.ts";
import { writeWhole } from "../../files/write-file.ts";
import { encodePng } from "../../media/index.ts";
import { loadManipulationModel } from "../../networks/index.ts";
import { listMedia } from "../gan/media-list.ts";
import { sampleEvenly } from "../sample-evenly.ts";
import { manipulatePicture } from "./manipulate-picture.ts";
import type { ForgeOptions } from "./manipulation-options.ts";

/** Seed offset of the draws of source faces. */
const SOURCE_DRAW = 0x5a9f;

/** Result of {@link generateFakes}. */
export interface GeneratedFakes {
  readonly pictures: number;
  /** Pictures or video frames without a face. */
  readonly withoutFace: number;
  /** Files that could not be read, with the error sentence. */
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
}

/**
 * Generates fake training samples from real media: manipulates the most confident face of every picture, or of some frames
 * of every video. Writes PNGs and an `index.csv` for `train detector --data`.
 *
 * @throws TelltaleError `DATA_INVALID`, `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH`; `USAGE` if the folder already
 *   has an index
 */
export async function generateFakes(
  options: ForgeOptions,
  on: { file?: (done: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<GeneratedFakes> {
  if (existsSync(join(options.out, "index.csv"))) {
    const sentence = `Expected a new folder for --out, but ${options.out} already holds an index.csv, which would be overwritten.`;
    throw new TelltaleError("USAGE", sentence);
  }
  const sources = options.sources.split(",").filter((source) => source !== "");
  const items = sampleEvenly((await listMedia(options.data, sources)).items, options.limit);
  await useBackend(options.backend);
  const { model, manifest } = await loadManipulationModel(options.from);
  if (options.faces !== undefined && manifest.network.kind !== "restoration") {
    model.parameters.dispose();
    const sentence = `Expected a restoration model in --from together with --faces, but ${options.from} holds a ${manifest.network.kind} model.`;
    throw new TelltaleError("USAGE", sentence);
  }
  const finder = await FaceFinder.load();
  const others = options.faces === undefined ? null : (await listMedia(options.faces, [])).items;
  await mkdir(options.out, { recursive: true });
  const settings = { margin: manifest.margin, person: options.person, isAsItIs: options.asItIs };
  const generator = others === null ? model.network.kind : "swap";
  const rows = ["file,source,label,generator,group"];
  const unreadable: { file: string; reason: string }[] = [];
  let withoutFace = 0;
  try {
    for (const [i, item] of items.entries()) {
      on.signal?.throwIfAborted();
      try {
        let frame = 0;
        for await (const picture of readPictures({ ...item, filter: item.crop }, options.framesPerVideo)) {
          const face = finder.find(picture)[0];
          const name = fileNameOf(i, item, frame++);
          if (face === undefined) {
            withoutFace++;
            continue;
          }
          const source =
            others === null ? undefined : await drawSource(others, { item, face }, rows.length, finder);
          if (source === null) {
            withoutFace++;
            continue;
          }
          const png = await encodePng(manipulatePicture(picture, face, model, { ...settings, source }));
          await writeWhole(join(options.out, name), png);
          rows.push([name, item.source, "fake", generator, item.group].map(quote).join(","));
        }
      } catch (error) {
        if (!(error instanceof TelltaleError)) throw error;
        unreadable.push({ file: item.file, reason: error.message });
      }
      on.file?.(i + 1, items.length);
    }
  } finally {
    model.parameters.dispose();
    await writeWhole(join(options.out, "index.csv"), `${rows.join("\n")}\n`);
  }
  return { pictures: rows.length - 1, withoutFace, unreadable };
}

/** Pictures that a source face is chosen from. */
const CANDIDATES = 6;

/**
 * The face of another person (another group than the target's): of some drawn pictures the one whose pose is most like the
 * target's. Null if none of them has a face.
 */
async function drawSource(
  others: readonly DataItem[],
  { item: target, face: wanted }: { item: DataItem; face: DetectedFace },
  number: number,
  finder: FaceFinder,
): Promise<{ picture: Picture; face: DetectedFace } | null> {
  const strangers = others.filter((other) => other.group !== target.group || other.source !== target.source);
  const random = seededRandom(number, SOURCE_DRAW);
  let best: { picture: Picture; face: DetectedFace; distance: number } | null = null;
  for (let draw = 0; draw < CANDIDATES && strangers.length > 0; draw++) {
    const item = random.pick(strangers);
    try {
      for await (const picture of readPictures({ ...item, filter: item.crop }, 1)) {
        const face = finder.find(picture)[0];
        if (face === undefined) continue;
        const distance = poseDistance(wanted.mesh, face.mesh);
        if (best === null || distance < best.distance) best = { picture, face, distance };
      }
    } catch (error) {
      if (!(error instanceof TelltaleError)) throw error;
    }
  }
  return best;
}

/** `00012-portrait.png`, `00013-clip-04.png`. */
function fileNameOf(index: number, { file, isVideo }: DataItem, frame: number): string {
  const number = String(index).padStart(5, "0");
  const stem = basename(file, extname(file));
  return isVideo ? `${number}-${stem}-${String(frame).padStart(2, "0")}.png` : `${number}-${stem}.png`;
}

/** Quotes a CSV field (RFC 4180). */
function quote(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
