import { isUtf8 } from "node:buffer";
import { symlink } from "node:fs/promises";
import { join } from "node:path";

let links = 0;

/**
 * A path that ffmpeg and sharp, which take text, can be given: the file's own, or a link where that is no text.
 *
 * @param path in bytes: a name from another system need not be UTF-8
 * @param scratch folder for the link
 */
export async function utf8Path(path: Buffer, scratch: string): Promise<string> {
  if (isUtf8(path)) return path.toString("utf8");
  const link = join(scratch, `name-${process.pid}-${links++}`);
  await symlink(path, link);
  return link;
}
