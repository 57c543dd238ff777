import { showDuration, showNumber } from "../report/readable-numbers.ts";
import { numberOf, type RecordedOptions, type StatsRow } from "./stats-row.ts";

/** Status of a run. */
export interface RunStatus {
  /** e.g. `style, 64 px: 700 of 1,000 kimg`. */
  readonly title: string;
  /** Whether it is finished, and its initial weights. */
  readonly sentences: readonly string[];
}

/**
 * Describes a run and its progress.
 *
 * @param rows sorted by kimg
 * @param sampledKimg kimg of the newest sample grid, which may be newer than the log
 */
export function describeStatus(
  options: RecordedOptions,
  rows: readonly StatsRow[],
  sampledKimg: number,
): RunStatus {
  const { arch, discriminator, resolution, from } = options;
  const last = rows.findLast((row) => numberOf(row, "secLeft") !== null);
  const logged = numberOf(last, "kimg") ?? from?.kimg ?? 0;
  const target = options.kimg ?? targetOf(last);
  // Older versions did not log the end.
  const isEndLogged = rows.some((row) => row.kind === "ended" && (row.kimg ?? 0) >= logged);
  const hasEnded = (isEndLogged || options.kimg === undefined) && target !== null && logged >= target;
  const variant = discriminator === "trunk" ? ", projected discriminator" : "";
  const done = showKimg(Math.max(logged, sampledKimg));
  const secLeft = numberOf(last, "secLeft");
  const left = secLeft === null ? "" : `; about ${showDuration(secLeft)} are left at its last speed`;
  return {
    title: `${arch}${variant}, ${resolution} px: ${done}${target === null ? "" : ` of ${showKimg(target)}`} kimg`,
    sentences: [
      hasEnded ? "The run is finished." : `The run was not finished when this page was written${left}.`,
      ...(from ? [`It started from the networks of another run at ${showKimg(from.kimg)} kimg.`] : []),
      "A kimg is a thousand real training images.",
    ],
  };
}

/** Length of a run of an older version, computed from the remaining time. */
function targetOf(row: StatsRow | undefined): number | null {
  const [kimg, secLeft, rate] = ["kimg", "secLeft", "imagesPerSec"].map((name) => numberOf(row, name));
  return kimg == null || secLeft == null || rate == null ? null : kimg + (secLeft * rate) / 1000;
}

/** Formats kimg; integers from 10 on. */
export function showKimg(kimg: number): string {
  return showNumber(kimg < 10 ? Number(kimg.toPrecision(3)) : Math.round(kimg));
}
