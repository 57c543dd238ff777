import type { Comparison, Robustness } from "../../types/evaluation.ts";
import { html, Markup } from "../html/markup.ts";

/** Side of a square diagram, and the room beside it for its axes. */
const SIDE = 220;
const ROOM = 44;
const bold = new Markup(` font-weight="700"`);
/** Classes of the series' colours; dashes tell them apart without colour. */
const series = [
  { name: "a", dash: "" },
  { name: "b", dash: "7 3" },
  { name: "c", dash: "2 3" },
  { name: "d", dash: "9 3 2 3" },
  { name: "e", dash: "4 4" },
  { name: "f", dash: "1 4" },
] as const;

/** AUC of each comparison as a bar from a coin's 0.5, or from the lowest, with its interval; wide enough for a phone. */
export function aucBars(comparisons: readonly Comparison[]): Markup {
  const [rowHeight, width, right] = [40, 400, 48];
  const drawn = comparisons.filter(({ measures }) => measures.auc.value !== null);
  const height = drawn.length * rowHeight + 24;
  const ends = drawn.map(({ measures: { auc } }) => Math.min(auc.value!, auc.interval?.[0] ?? 1));
  const lowest = Math.min(0.5, Math.floor(10 * Math.min(...ends)) / 10);
  const x = (auc: number) => round(8 + ((auc - lowest) / (1 - lowest)) * (width - 8 - right));
  const rows = drawn.map(({ name, isSourceSeen, generator, measures, fakes }, i) => {
    const { value, interval } = measures.auc;
    const y = i * rowHeight;
    const middle = y + 28;
    const label = shorten(name, 48);
    return html`<g><title>${name}: ${value!.toFixed(3)}, ${fakes} fakes</title>
<text x="14" y="${y + 16}"${generator === null ? bold : null}>${label} (${fakes})</text>
<rect class="bar${isSourceSeen ? "" : " unseen"}" x="${x(Math.min(0.5, value!))}" y="${y + 22}" width="${round(Math.max(1, x(Math.max(0.5, value!)) - x(Math.min(0.5, value!))))}" height="12" opacity="0.75"/>${
      interval
        ? html`<path class="whisker" d="M${x(interval[0])} ${middle}H${x(interval[1])}M${x(interval[0])} ${middle - 4}v8M${x(interval[1])} ${middle - 4}v8"/>`
        : null
    }<text x="${x(1) + 8}" y="${middle + 4}">${value!.toFixed(3)}</text></g>`;
  });
  const bottom = drawn.length * rowHeight;
  const ticks = [...new Set([lowest, 0.5, 0.75, 1])].map(
    (tick) =>
      html`<path class="${tick === 0.5 ? "coin" : "rule"}" d="M${x(tick)} 0V${bottom}"/><text class="tick" x="${x(tick)}" y="${bottom + 16}" text-anchor="middle">${tick}</text>`,
  );
  return html`<figure class="bars"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="AUC of ${drawn.length} comparisons; the table below has the numbers">${ticks}${rows}</svg>
<figcaption>In brackets the number of fakes; lines are 95% intervals; 0.5 is a coin. Blue: the model was trained on other groups of the source; violet: on none of it.</figcaption></figure>`;
}

/** ROC of one comparison. */
export function rocCurves({ name, roc, measures }: Comparison): Markup {
  const path = (roc ?? [])
    .map(([fpr, tpr], i) => `${i === 0 ? "M" : "L"}${round(across(fpr))} ${round(up(tpr))}`)
    .join("");
  const auc = measures.auc.value?.toFixed(3) ?? "none";
  return diagram({
    name,
    label: `ROC of ${name}, AUC ${auc}`,
    caption: `AUC ${auc}, EER ${percent(measures.equalErrorRate.value)}`,
    axes: ["false alarms", "caught"],
    content: html`<path class="curve" d="${path}"/>`,
  });
}

/** Stated against true share of authentic files. */
export function reliabilityDiagram({ name, reliability, measures }: Comparison): Markup {
  const total = reliability.reduce((sum, bin) => sum + bin.weight, 0);
  const dots = reliability.map(({ stated, real, weight, count }) => {
    const radius = 2.5 + 11 * Math.sqrt(weight / total);
    return html`<circle class="dot" opacity="0.8" cx="${round(across(stated))}" cy="${round(up(real))}" r="${round(radius)}"><title>stated ${stated.toFixed(2)}, true ${real.toFixed(2)}, ${count} files</title></circle>`;
  });
  const path = reliability
    .map(({ stated, real }, i) => `${i === 0 ? "M" : "L"}${round(across(stated))} ${round(up(real))}`)
    .join("");
  const error = measures.calibrationError.value?.toFixed(3) ?? "none";
  return diagram({
    name,
    label: `Reliability of ${name}, calibration error ${error}`,
    caption: `ECE ${error}`,
    axes: ["stated", "true"],
    content: html`<path class="curve" opacity="0.5" d="${path}"/>${dots}`,
  });
}

/** AUC under each change: strengths of one kind are joined by a line. */
export function robustnessCurves({ changes }: Robustness): Markup {
  const before = changes[0]?.comparisons ?? [];
  const names = changes.map(({ name }) => name);
  const kinds = [
    ["none", ...names.filter((name) => name.startsWith("jpeg"))],
    ["none", ...names.filter((name) => name.endsWith("size"))],
    ["none", ...names.filter((name) => name.startsWith("h264"))],
    ["none", ...names.filter((name) => !/^jpeg|size$|^h264/.test(name))],
  ].filter((kind) => kind.length > 1);
  const [height, step, top] = [260, 64, 8];
  const width = ROOM + kinds.reduce((sum, kind) => sum + kind.length * step, 0) + (kinds.length - 1) * 16;
  const values = changes.flatMap(({ comparisons }) =>
    comparisons.flatMap(({ auc, aucBefore }) => [auc.value ?? 1, aucBefore.value ?? 1]),
  );
  const lowest = Math.min(0.5, Math.floor(10 * Math.min(...values)) / 10);
  const y = (auc: number) => top + ((1 - auc) / (1 - lowest)) * (height - 50);
  const starts = kinds.map((_, k) =>
    kinds.slice(0, k).reduce((sum, kind) => sum + kind.length * step + 16, ROOM),
  );
  const x = (k: number, i: number) => starts[k]! + (i + 0.5) * step;
  const aucAt = (change: string, c: number) =>
    change === "none"
      ? before[c]!.aucBefore.value
      : (changes.find(({ name }) => name === change)?.comparisons[c]?.auc.value ?? null);
  const ticks = Array.from({ length: Math.round((1 - lowest) * 10) + 1 }, (_, i) => lowest + i / 10);
  const grid = ticks.map(
    (tick) =>
      html`<path class="rule" d="M${ROOM} ${round(y(tick))}H${width}"/><text class="tick" x="${ROOM - 6}" y="${round(y(tick) + 4)}" text-anchor="end">${tick.toFixed(1)}</text>`,
  );
  const labels = kinds.flatMap((kind, k) =>
    kind.map(
      (name, i) =>
        html`<text class="tick" x="${x(k, i)}" y="${height - 24 + 14 * (i % 2)}" text-anchor="middle">${name}</text>`,
    ),
  );
  const lines = before.map(({ name }, c) => {
    const { name: colour, dash } = series[c % series.length]!;
    return kinds.map((kind, k) => {
      const points = kind.flatMap((change, i) => {
        const value = aucAt(change, c);
        return value === null ? [] : [{ x: x(k, i), y: round(y(value)), change, value }];
      });
      const isLine = k < kinds.length - 1 || kinds.length === 1;
      const path = points.map((point, i) => `${i === 0 ? "M" : "L"}${point.x} ${point.y}`).join("");
      return html`<g class="${colour}">${isLine ? html`<path class="series" stroke-dasharray="${dash}" d="${path}"/>` : null}${points.map(
        (point) =>
          html`<circle class="point" cx="${point.x}" cy="${point.y}" r="4"><title>${name}, ${point.change}: ${point.value.toFixed(3)}</title></circle>`,
      )}</g>`;
    });
  });
  const legend = before.map(({ name }, c) => {
    const { name: colour, dash } = series[c % series.length]!;
    return html`<li class="${colour}"><svg viewBox="0 0 32 12" aria-hidden="true"><path class="series" stroke-dasharray="${dash}" d="M0 6H32"/><circle class="point" cx="16" cy="6" r="4"/></svg>${name}</li>`;
  });
  return html`<figure><div class="scroll" tabindex="0" role="group" aria-label="Diagram"><svg class="wide" viewBox="0 0 ${width} ${height}" role="img" aria-label="AUC under ${names.length} changes; the table below has the numbers">${grid}${labels}${lines.flat()}</svg></div><figcaption><ul class="legend">${legend}</ul></figcaption></figure>`;
}

interface Diagram {
  readonly name: string;
  readonly label: string;
  readonly caption: string;
  readonly axes: readonly [x: string, y: string];
  readonly content: Markup;
}

/** A square from 0 to 1 with its diagonal. */
function diagram({ name, label, caption, axes, content }: Diagram): Markup {
  const [width, height] = [SIDE + ROOM + 8, SIDE + ROOM + 8];
  const ticks = [0, 0.5, 1].map(
    (tick) => html`<text class="tick" x="${across(tick)}" y="${SIDE + 22}" text-anchor="middle">${tick}</text>
<text class="tick" x="${ROOM - 6}" y="${up(tick) + 4}" text-anchor="end">${tick}</text>`,
  );
  return html`<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}"><rect class="frame" x="${ROOM}" y="8" width="${SIDE}" height="${SIDE}"/>
<path class="coin" d="M${across(0)} ${up(0)}L${across(1)} ${up(1)}"/>${ticks}<text class="tick" x="${across(0.5)}" y="${SIDE + 36}" text-anchor="middle">${axes[0]}</text>
<text class="tick" x="10" y="${up(0.5)}" text-anchor="middle" transform="rotate(-90 10 ${up(0.5)})">${axes[1]}</text>${content}</svg><figcaption><strong>${name}</strong><br>${caption}</figcaption></figure>`;
}

function across(value: number): number {
  return ROOM + value * SIDE;
}

function up(value: number): number {
  return 8 + (1 - value) * SIDE;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function percent(share: number | null): string {
  return share === null ? "none" : `${(100 * share).toFixed(1)}%`;
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
