import { runProcess } from "./ffmpeg-process.ts";
import { mediaInput } from "./input-guards.ts";
import { locateFfmpeg } from "./locate-ffmpeg.ts";
import type { ProbeOptions } from "./probe.ts";

/** A tag of a container or of one of its streams. */
export interface MediaTag {
  readonly name: string;
  readonly value: string;
}

type Tags = Readonly<Record<string, string>>;

/**
 * Reads the tags of a video file, those of the container first.
 *
 * @returns null if ffprobe cannot read them or they are longer than 16 MiB
 * @throws TelltaleError ABORTED, FFMPEG_MISSING.
 */
export async function readTags(path: string, options: ProbeOptions = {}): Promise<MediaTag[] | null> {
  const { ffprobePath } = await locateFfmpeg();
  const { options: guards, url } = mediaInput({ path });
  const asked = ["-v", "error", "-print_format", "json", "-show_entries", "format_tags:stream_tags"];
  try {
    const { stdout } = await runProcess({
      ...{ binaryPath: ffprobePath, mediaPath: path, signal: options.signal },
      timeoutMs: options.timeoutMs ?? 10_000,
      command: [...asked, ...guards, "-i", url],
    });
    const probed = JSON.parse(stdout) as { format?: { tags?: Tags }; streams?: readonly { tags?: Tags }[] };
    const all = [probed.format?.tags, ...(probed.streams ?? []).map(({ tags }) => tags)];
    return all.flatMap((tags) =>
      Object.entries(tags ?? {}).map(([name, value]) => ({ name, value: String(value) })),
    );
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return null;
  }
}
