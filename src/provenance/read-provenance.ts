import { readTags } from "../media/read-tags.ts";
import type { MediaInfo } from "../media/types.ts";
import { combine, type Provenance, type Statements } from "./provenance.ts";
import type { ProvenanceReader } from "./reader.ts";
import { readTraces } from "./traces.ts";

/**
 * What a file says of its origin. Nothing is decoded and nothing fetched; what could not be read is in `notRead`.
 *
 * @throws TelltaleError `ABORTED`, or the signal's reason
 */
export async function readProvenance(
  info: Pick<MediaInfo, "path" | "bytes" | "kind">,
  reader: ProvenanceReader,
  signal?: AbortSignal,
): Promise<Provenance> {
  const [own, tags] = await Promise.all([
    reader.read(info.path, info.bytes, signal),
    info.kind === "video" ? readContainer(info.path, signal) : [],
  ]);
  return combine([...own, ...tags]);
}

async function readContainer(path: string, signal: AbortSignal | undefined): Promise<Statements[]> {
  const tags = await readTags(path, signal ? { signal } : {});
  if (tags === null)
    return [{ credentials: null, statements: [], notRead: ["The container's tags were not read."] }];
  const fields = tags.map(({ name, value }) => ({ where: `container:${name}`, value }));
  return [{ credentials: null, statements: readTraces(fields), notRead: [] }];
}
