import { niceTicks, showTick } from "./nice-ticks.ts";
import { showNumber } from "./readable-numbers.ts";
import { type RunColours, runColours } from "./run-colours.ts";

/** One line of a chart. */
export interface Curve {
  /** Name in the legend; empty for none. */
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** An SVG chart. */
export interface Chart {
  /** Follows the light or dark mode of the reader. */
  readonly svg: string;
  readonly width: number;
  readonly height: number;
  /** Alternative text: the title and the last value of each curve. */
  readonly alt: string;
}

export interface ChartOptions {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** Unit of x, e.g. `kimg` or `steps`. */
  readonly unit: string;
  /** Unit of y, e.g. `images/s`. Default none. */
  readonly yUnit?: string;
  /** Values that the y axis always includes, e.g. `[0, 1]` for fractions. */
  readonly shown?: readonly number[];
}

/** Fits a phone of 390 px without scaling. */
const WIDTH = 400;
/** Outer margin. */
const EDGE = 6;
const PLOT_HEIGHT = 170;
const ROOM = { right: 14, title: 26, legend: 18, gap: 8, bottom: 40 };
/** Approximate width of a letter at 12 px. */
const LETTER = 6.6;
/** Curves with at most this many points show markers. */
const MARKED = 40;

/** Draws curves as SVG. Points with NaN are skipped; a single point is a dot. */
export function drawChart({ title, curves: given, unit, yUnit = "", shown = [] }: ChartOptions): Chart {
  const curves = given.map(({ name, points }) => ({
    name,
    points: points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
  }));
  const points = curves.flatMap((curve) => curve.points);
  const alt = describe({ title, curves, unit, yUnit });
  const yRange = rangeOf([...points.map(([, y]) => y), ...shown]);
  const yTicks = niceTicks(yRange, 5);
  const yLabels = yTicks.values.map((value) => showTick(value, yTicks.step));
  const left = 10 + Math.ceil(LETTER * Math.max(...yLabels.map((label) => label.length)));
  const legend = layOutLegend(curves);
  const top = ROOM.title + ROOM.legend * legend.rows + ROOM.gap;
  const bottom = top + PLOT_HEIGHT;
  const outer = { width: WIDTH + 2 * EDGE, height: bottom + ROOM.bottom + 2 * EDGE };
  const [low, high] = [yTicks.values[0]!, yTicks.values.at(-1)!];
  const y = (value: number) => round(bottom - ((value - low) / (high - low)) * PLOT_HEIGHT);
  const xs = points.map(([x]) => x);
  const xRange = rangeOf(xs);
  const x = (value: number) =>
    round(left + 6 + ((value - xRange.min) / (xRange.max - xRange.min)) * (WIDTH - left - 6 - ROOM.right));
  const grid = yTicks.values.map(
    (value, i) =>
      `<path class="rule" d="M${left} ${y(value)}H${WIDTH - ROOM.right}"/><text class="soft" x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${yLabels[i]}</text>`,
  );
  const marks = xTicksOf(xs).map(
    ({ value, label }) =>
      `<path class="axis" d="M${x(value)} ${bottom}v4"/><text class="soft" x="${x(value)}" y="${bottom + 17}" text-anchor="middle">${label}</text>`,
  );
  const lines = curves.map((curve, i) => {
    const path = curve.points.map(([a, b], k) => `${k === 0 ? "M" : "L"}${x(a)} ${y(b)}`).join("");
    const dots = curve.points.length > MARKED ? [] : curve.points;
    const circles = dots.map(([a, b]) => `<circle cx="${x(a)}" cy="${y(b)}" r="2.5"/>`);
    return `<g class="${colourOf(i)}"><path d="${path}"${dashOf(i)}/>${circles.join("")}</g>`;
  });
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-EDGE} ${-EDGE} ${outer.width} ${outer.height}" width="${outer.width}" height="${outer.height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeText(alt)}</title><style>${style}</style>`,
    `<rect class="ground" x="${-EDGE}" y="${-EDGE}" width="${outer.width}" height="${outer.height}"/>`,
    `<text class="text" x="0" y="15" font-size="13" font-weight="bold">${escapeText(title)}${yUnit === "" ? "" : `<tspan class="soft" font-weight="normal">, ${escapeText(yUnit)}</tspan>`}</text>`,
    ...legend.entries,
    ...grid,
    ...marks,
    `<path class="axis" d="M${left} ${bottom}H${WIDTH - ROOM.right}"/>`,
    `<text class="soft" x="${(left + WIDTH - ROOM.right) / 2}" y="${bottom + 34}" text-anchor="middle">${points.length === 0 ? "nothing yet" : escapeText(unit)}</text>`,
    ...lines,
    "</svg>",
    "",
  ].join("\n");
  return { svg, ...outer, alt };
}

/** Range of the values; widened if they are all equal. */
function rangeOf(values: readonly number[]): { readonly min: number; readonly max: number } {
  if (values.length === 0) return { min: 0, max: 1 };
  const [min, max] = [Math.min(...values), Math.max(...values)];
  // Smaller differences are rounding errors.
  if (max - min > 1e-9 * Math.max(Math.abs(min), Math.abs(max))) return { min, max };
  const around = min === 0 ? 1 : Math.abs(min) / 10;
  return { min: min - around, max: min + around };
}

/** Round tick values within the range; with a single point, its own x. */
function xTicksOf(xs: readonly number[]): { readonly value: number; readonly label: string }[] {
  const only = new Set(xs);
  if (only.size < 2) return [...only].map((value) => ({ value, label: showNumber(value) }));
  const { min, max } = rangeOf(xs);
  const { values, step } = niceTicks({ min, max }, 6);
  // Allows ticks slightly outside the range, e.g. at 500 for a point at 500.1 kimg.
  const around = (max - min) / 100;
  const within = values.filter((value) => value >= min - around && value <= max + around);
  return within.map((value) => ({ value, label: showTick(value, step) }));
}

/** Arranges the legend in rows. */
function layOutLegend(curves: readonly Curve[]): { readonly entries: string[]; readonly rows: number } {
  let [x, row] = [0, 0];
  const entries = curves.map(({ name }, i) => {
    if (name === "") return "";
    const width = 22 + Math.ceil(LETTER * name.length);
    if (x > 0 && x + width > WIDTH) [x, row] = [0, row + 1];
    const y = ROOM.title + ROOM.legend * row;
    const entry = `<g class="${colourOf(i)}"><path d="M${x} ${y + 4}h16"${dashOf(i)}/></g><text class="text" x="${x + 22}" y="${y + 8}">${escapeText(name)}</text>`;
    x += width + 14;
    return entry;
  });
  // At least one row, so that charts next to each other have equal heights.
  return { entries, rows: row + 1 };
}

function describe({ title, curves, unit, yUnit }: ChartOptions): string {
  const ends = curves.flatMap(({ name, points }) => {
    const end = points.at(-1);
    return end === undefined ? [] : [{ x: end[0], text: `${name} ${showNumber(end[1])}`.trim() }];
  });
  const quantity = yUnit ? `${title}, ${yUnit}` : title;
  if (ends.length === 0) return `${quantity}: nothing yet`;
  const last = Math.max(...ends.map(({ x }) => x));
  return `${quantity}: ${ends.map(({ text }) => text).join(", ")} at ${showNumber(last)} ${unit}`;
}

const count = runColours.light.curves.length;

function colourOf(i: number): string {
  return `c${i % count}`;
}

/** Curves that share a colour differ by dashes. */
function dashOf(i: number): string {
  return ["", ` stroke-dasharray="6 3"`, ` stroke-dasharray="2 3"`][Math.floor(i / count) % 3]!;
}

function styleOf({ ground, text, soft, line, curves }: RunColours): string {
  return `:root{background:${ground}}.ground{fill:${ground}}.text{fill:${text}}.soft{fill:${soft}}.rule{stroke:${line}}.axis{stroke:${soft}}${curves
    .map((colour, i) => `.c${i} path{stroke:${colour}}.c${i} circle{fill:${colour}}`)
    .join("")}`;
}

const style = `:root{color-scheme:light dark}path{fill:none;stroke-width:1}g path{stroke-width:1.5;stroke-linejoin:round}${styleOf(runColours.light)}@media (prefers-color-scheme:dark){${styleOf(runColours.dark)}}`;

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Escapes text for HTML and SVG. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
