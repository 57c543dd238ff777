import { promisify } from "node:util";
import { inflate } from "node:zlib";
import type { ExpandedTags } from "exifreader";
import ExifReader from "exifreader";
import { mimeTypeOf } from "./contents.ts";
import type { Field, Statements } from "./provenance.ts";
import { readTraces } from "./traces.ts";

/** XMP of real files has a few kilobytes; editors with long histories write a megabyte. */
const MAX_XMP_BYTES = 2 << 20;
/** Compressed texts of a PNG together, once they are unpacked. */
const MAX_INFLATED_BYTES = 4 << 20;
/** Fields of one group that are looked at. */
const MAX_FIELDS = 2000;
/** Comments of a JPEG that are looked at; programs write one. */
const MAX_COMMENTS = 16;

/**
 * What EXIF, IPTC, XMP and the texts of a picture say.
 *
 * @param bytes the file or its beginning
 */
export async function readMetadata(bytes: Buffer): Promise<Statements> {
  const notRead: string[] = [];
  const comments = jpegComments(bytes);
  const hasLargeXmp = largestXmp(bytes) > MAX_XMP_BYTES;
  if (hasLargeXmp) notRead.push(`XMP of more than ${MAX_XMP_BYTES >> 20} MiB was not read.`);
  try {
    const tags = await ExifReader.load(bytes, {
      expanded: true,
      async: true,
      decompress: { deflate: inflateBounded(notRead), maxDecompressedSize: MAX_INFLATED_BYTES },
      excludeTags: {
        ...(hasLargeXmp ? { xmp: true } : {}),
        icc: true,
        makerNotes: true,
        mpf: true,
        gps: true,
      },
    });
    return {
      credentials: null,
      statements: readTraces([...fieldsOf(tags), ...comments]),
      notRead: [...notRead, ...remoteNote(tags)],
    };
  } catch (error) {
    // Thrown for a picture without any metadata too.
    const isBare =
      error instanceof Error && /no exif|metadatamissing/i.test(`${error.name} ${error.message}`);
    if (!isBare) notRead.push("The metadata is damaged and was not read.");
    return { credentials: null, statements: readTraces(comments), notRead };
  }
}

/** The comments of a JPEG (COM segments, ITU-T T.81, B.2.4.5), which the parser leaves out. */
function jpegComments(bytes: Buffer): Field[] {
  const found: Field[] = [];
  if (mimeTypeOf(bytes) !== "image/jpeg") return found;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && found.length < MAX_COMMENTS; ) {
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    // Coded pixels begin: what says something stands before them.
    if (marker === 0xda) break;
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (marker === 0xfe) found.push({ where: "text:Comment", value: bytes.toString("utf8", at + 4, end) });
    at = end;
  }
  return found;
}

/** What an XMP packet says. */
export async function readXmp(packet: Buffer): Promise<Statements> {
  if (packet.length > MAX_XMP_BYTES) {
    const note = `XMP of more than ${MAX_XMP_BYTES >> 20} MiB was not read.`;
    return { credentials: null, statements: [], notRead: [note] };
  }
  return readMetadata(asPng(packet));
}

/** Whether the file points to a manifest elsewhere, which is not fetched. */
function remoteNote(tags: ExpandedTags): string[] {
  const address = Object.entries(tags.xmp ?? {}).find(([name]) => /^provenance$/i.test(name))?.[1];
  if (address === undefined) return [];
  return ["The file points to a C2PA manifest at an address, and telltale fetches nothing."];
}

/** The longest stretch between the begin and the end of an XMP packet, in bytes. */
function largestXmp(bytes: Buffer): number {
  let largest = 0;
  for (let at = bytes.indexOf("<x:xmpmeta"); at !== -1; ) {
    const end = bytes.indexOf("</x:xmpmeta", at);
    largest = Math.max(largest, (end === -1 ? bytes.length : end) - at);
    at = end === -1 ? -1 : bytes.indexOf("<x:xmpmeta", end);
  }
  return largest;
}

const unpack = promisify(inflate);

function inflateBounded(notRead: string[]): (packed: Uint8Array) => Promise<Uint8Array> {
  let left = MAX_INFLATED_BYTES;
  return async (packed) => {
    try {
      const text = await unpack(packed, { maxOutputLength: Math.max(1, left) });
      left -= text.length;
      return text;
    } catch {
      notRead.push("A compressed text is damaged or too long and was not read.");
      return new Uint8Array();
    }
  };
}

function fieldsOf(tags: ExpandedTags): Field[] {
  const groups: Readonly<Record<string, object | undefined>> = {
    text: tags.pngText,
    exif: tags.exif,
    iptc: tags.iptc,
    xmp: tags.xmp,
  };
  return Object.entries(groups).flatMap(([group, fields]) =>
    Object.entries(fields ?? {})
      .filter(([name]) => name !== "_raw")
      .slice(0, MAX_FIELDS)
      .flatMap(([name, tag]) => {
        const value = textOf(tag);
        return value === null ? [] : [{ where: `${group}:${name}`, value }];
      }),
  );
}

/** A tag's text; null for what has none. */
function textOf(tag: unknown): string | null {
  const { value, description } = (tag ?? {}) as { readonly value?: unknown; readonly description?: unknown };
  const text = typeof value === "string" ? value : description;
  return typeof text === "string" && text.trim() !== "" ? text : null;
}

/** A PNG that holds nothing but a packet of XMP: the parser reads pictures. */
function asPng(packet: Buffer): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length);
    head.write(type, 4, "latin1");
    return Buffer.concat([head, data, Buffer.alloc(4)]);
  };
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  const keyword = Buffer.from("XML:com.adobe.xmp\0\0\0\0\0", "latin1");
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("iTXt", Buffer.concat([keyword, packet])),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
