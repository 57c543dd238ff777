/** One line of a chart. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const SIZE = { width: 640, height: 240, left: 56, right: 12, top: 24, bottom: 28 };
/** Told apart with any kind of colour vision (Okabe & Ito 2008). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/**
 * Lines as SVG; points that are no numbers are left out.
 *
 * @param options.unit what x counts, e.g. `kimg` or `steps`
 * @param options.floor where y begins, unless a point lies lower; 0 when left out
 */
export function drawCurves(
  title: string,
  curves: readonly Curve[],
  { unit, floor = 0 }: { readonly unit: string; readonly floor?: number },
): string {
  const points = curves.flatMap((curve) => curve.points).filter(([, y]) => Number.isFinite(y));
  const { width, height, left, right, top, bottom } = SIZE;
  const [maxX, minY, maxY] = [
    Math.max(...points.map(([x]) => x), 1e-9),
    Math.min(...points.map(([, y]) => y), floor),
    Math.max(...points.map(([, y]) => y), floor + 1e-9),
  ];
  const x = (value: number) => left + (value / maxX) * (width - left - right);
  const y = (value: number) => height - bottom - ((value - minY) / (maxY - minY)) * (height - top - bottom);
  const lines = curves.map(({ points: own }, i) => {
    const path = own
      .filter(([, value]) => Number.isFinite(value))
      .map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`)
      .join(" ");
    return `<polyline points="${path}" fill="none" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="1.5"/>`;
  });
  // About 7 pixels a letter, so that names of any length stand side by side.
  const starts = curves.map((_, i) =>
    curves.slice(0, i).reduce((sum, { name }) => sum + 7 * name.length + 14, left + 7 * title.length + 24),
  );
  const names = curves.map(
    ({ name }, i) =>
      `<text x="${starts[i]}" y="15" fill="${COLOURS[i % COLOURS.length]}">${escapeText(name)}</text>`,
  );
  const label = (value: number) => Number(value.toPrecision(3)).toString();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${left}" y="15" font-weight="bold">${escapeText(title)}</text>`,
    ...names,
    `<path d="M${left} ${top}V${height - bottom}H${width - right}" fill="none" stroke="#888"/>`,
    `<text x="${left - 6}" y="${top + 4}" text-anchor="end">${label(maxY)}</text>`,
    `<text x="${left - 6}" y="${height - bottom}" text-anchor="end">${label(minY)}</text>`,
    `<text x="${width - right}" y="${height - 8}" text-anchor="end">${label(maxX)} ${escapeText(unit)}</text>`,
    ...lines,
    "</svg>",
  ].join("\n");
}

/** Text as it may stand in HTML and SVG. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
