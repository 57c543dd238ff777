import { type FileHandle, open } from "node:fs/promises";
import {
  findStore,
  findVideoBoxes,
  MAX_BOX_BYTES,
  MAX_HEAD_BYTES,
  MAX_WHOLE_BYTES,
  type MimeType,
  mimeTypeOf,
  readPiece,
} from "./contents.ts";
import type { ManifestReader } from "./credentials.ts";
import { readMetadata, readXmp } from "./metadata.ts";
import type { Statements } from "./provenance.ts";

/**
 * What a file itself says of its origin: first its manifest, then its other metadata. At most {@link MAX_WHOLE_BYTES}
 * of it are in memory.
 */
export async function* readFile(path: string, manifests: ManifestReader): AsyncGenerator<Statements> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const mimeType = mimeTypeOf(await readPiece(file, { start: 0, length: 16 }));
    if (mimeType === null) return;
    const read = mimeType.startsWith("video/") ? readVideo : readPicture;
    yield* read({ file, size, mimeType, manifests });
  } finally {
    await file.close();
  }
}

interface OpenFile {
  readonly file: FileHandle;
  /** Bytes. */
  readonly size: number;
  readonly mimeType: MimeType;
  readonly manifests: ManifestReader;
}

async function* readPicture({ file, size, mimeType, manifests }: OpenFile): AsyncGenerator<Statements> {
  const isWhole = size <= MAX_WHOLE_BYTES;
  const bytes = await readPiece(file, { start: 0, length: isWhole ? size : MAX_HEAD_BYTES });
  if (!isWhole) {
    const sentence = `Of ${size >> 20} MiB only the first ${MAX_HEAD_BYTES >> 20} were searched for metadata.`;
    yield note(sentence);
  }
  const store = findStore(bytes);
  if (store !== null && isWhole) yield await manifests.read(bytes, mimeType, true);
  else if (store !== null) yield note("The file is too large to check its C2PA manifest.");
  yield await readMetadata(bytes);
}

async function* readVideo({ file, size, mimeType, manifests }: OpenFile): AsyncGenerator<Statements> {
  const { manifest, xmp, breaksOff } = await findVideoBoxes(file, size, mimeType);
  if (manifest !== null && size <= MAX_WHOLE_BYTES) {
    yield await manifests.read(await readPiece(file, { start: 0, length: size }), mimeType, true);
  } else if (manifest !== null && manifest.length <= MAX_BOX_BYTES) {
    const box = await readPiece(file, manifest);
    const store = findStore(box);
    if (store === null) yield note("The C2PA manifest is damaged and was not read.");
    else yield await manifests.read(box.subarray(store.start, store.start + store.length), mimeType, false);
  } else if (manifest !== null) {
    yield note(`A C2PA manifest of more than ${MAX_BOX_BYTES >> 20} MiB was not read.`);
  }
  if (xmp !== null && xmp.length <= MAX_BOX_BYTES) {
    yield await readXmp(await readPiece(file, xmp));
  } else if (xmp !== null) {
    yield note(`XMP of more than ${MAX_BOX_BYTES >> 20} MiB was not read.`);
  }
  if (breaksOff) yield note("The file's structure is damaged, so a C2PA manifest may have been missed.");
}

function note(sentence: string): Statements {
  return { credentials: null, statements: [], notRead: [sentence] };
}
