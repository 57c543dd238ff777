import { TelltaleError } from "../errors.ts";
import { checkFile } from "./check-file.ts";
import { imageFormat } from "./image-format.ts";
import { refuseText } from "./refuse-text.ts";

/**
 * Checks the first bytes of a file without starting ffprobe.
 *
 * @returns the error that `probe` would throw; null if the file may be a video or a picture
 */
export async function quickRefusal(path: string): Promise<TelltaleError | null> {
  try {
    const { head } = await checkFile(path);
    if (imageFormat(head) === null) refuseText({ path, head });
    return null;
  } catch (error) {
    if (error instanceof TelltaleError) return error;
    throw error;
  }
}
