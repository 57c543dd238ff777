import { showDuration, showNumber } from "../report/readable-numbers.ts";
import { numberOf, type RecordedOptions, type StatsRow } from "./stats-row.ts";

/** Where a run stands. */
export interface RunStatus {
  /** e.g. `style, 64 px: 700 of 1,000 kimg`. */
  readonly title: string;
  /** Whether it has ended, and how it began. */
  readonly sentences: readonly string[];
}

/**
 * What a run is and how far it has come.
 *
 * @param rows by kimg
 * @param sampledKimg of its newest sheet, whole: the log may lie a few steps behind it
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
  // Earlier versions did not log the end.
  const isEndLogged = rows.some((row) => row.kind === "ended" && (row.kimg ?? 0) >= logged);
  const hasEnded = (isEndLogged || options.kimg === undefined) && target !== null && logged >= target;
  const judge = discriminator === "trunk" ? " against the face trunk" : "";
  const done = showKimg(Math.max(logged, sampledKimg));
  const secLeft = numberOf(last, "secLeft");
  const left = secLeft === null ? "" : `; at its last speed about ${showDuration(secLeft)} are left`;
  return {
    title: `${arch}${judge}, ${resolution} px: ${done}${target === null ? "" : ` of ${showKimg(target)}`} kimg`,
    sentences: [
      hasEnded ? "The run has ended." : `The run had not ended when this page was written${left}.`,
      ...(from ? [`It began with the networks of another run, at ${showKimg(from.kimg)} kimg.`] : []),
      "A kimg is a thousand real pictures that the networks have learnt from.",
    ],
  };
}

/** The options of earlier versions do not say how long the run is, but each step says how long it still takes. */
function targetOf(row: StatsRow | undefined): number | null {
  const [kimg, secLeft, rate] = ["kimg", "secLeft", "imagesPerSec"].map((name) => numberOf(row, name));
  return kimg == null || secLeft == null || rate == null ? null : kimg + (secLeft * rate) / 1000;
}

/** Whole ones from 10 on. */
export function showKimg(kimg: number): string {
  return showNumber(kimg < 10 ? Number(kimg.toPrecision(3)) : Math.round(kimg));
}
