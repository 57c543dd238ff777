import { TelltaleError } from "../errors.ts";

/**
 * Loads a module that needs the optional packages bullmq and ioredis.
 *
 * @throws TelltaleError `QUEUE_UNAVAILABLE` when one of them is not installed
 */
export async function withRedis<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" || !/'(bullmq|ioredis)'/.test(message)) throw cause;
    const sentence =
      "Expected the packages bullmq and ioredis for --redis, but they are not installed; run: npm install bullmq ioredis";
    throw new TelltaleError("QUEUE_UNAVAILABLE", sentence, { cause });
  }
}
