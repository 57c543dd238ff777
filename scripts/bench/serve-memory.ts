// Memory of `telltale serve` during uploads, two at a time, and at rest afterwards. Linux only (reads /proc).
//
//   npx tsx scripts/bench/serve-memory.ts [--uploads 200] [--rest-sec 600] [--frames 4] [--plot F.svg]
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startServer } from "../start-server.ts";

const root = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: {
    uploads: { type: "string", default: "200" },
    "rest-sec": { type: "string", default: "600" },
    frames: { type: "string", default: "4" },
    plot: { type: "string" },
    /** Further files to upload besides the fixtures. */
    file: { type: "string", multiple: true, default: [] },
    cli: { type: "string", default: resolve(root, "dist/cli/main.js") },
  },
});
const names = ["authentic.mp4", "forged.mp4", "two-people.mp4", "still.jpg", "still-forged.jpg"];
const paths = [...names.map((name) => resolve(root, "fixtures/media", name)), ...values.file];
const bodies = paths.map((path) => readFileSync(path));

const { server, url } = await startServer(values.cli, [
  ...["--backend", "wasm", "--jobs", "2", "--frames", values.frames],
]);

const samples: { sec: number; mib: number }[] = [];
const began = performance.now();
const elapsed = () => (performance.now() - began) / 1000;
const sampling = setInterval(() => samples.push({ sec: elapsed(), mib: residentMib() }), 500);
try {
  let next = 0;
  const client = async () => {
    for (let i = next++; i < Number(values.uploads); i = next++) {
      const response = await fetch(`${url}api/jobs?wait&name=${i}`, {
        method: "POST",
        body: bodies[i % bodies.length]!,
      });
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`${response.status} for ${paths[i % paths.length]}`);
    }
  };
  await Promise.all([client(), client()]);
  const busySec = elapsed();
  await sleep(1000 * Number(values["rest-sec"]));
  const peakMib = Math.max(...samples.map(({ mib }) => mib));
  const after = (sec: number) => samples.findLast((sample) => sample.sec <= busySec + sec)!.mib;
  console.log(
    `${values.uploads} uploads in ${busySec.toFixed(0)} s: peak ${peakMib.toFixed(0)} MiB; at rest after 60 s ${after(60).toFixed(0)} MiB, after ${values["rest-sec"]} s ${after(Number(values["rest-sec"])).toFixed(0)} MiB`,
  );
  if (values.plot) writeFileSync(values.plot, plot(busySec));
} finally {
  clearInterval(sampling);
  server.kill("SIGTERM");
}

function residentMib(): number {
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024;
}

function plot(busySec: number): string {
  const [width, height, left, bottom] = [720, 260, 50, 30];
  const lastSec = samples.at(-1)!.sec;
  const topMib = 100 * Math.ceil(Math.max(...samples.map(({ mib }) => mib)) / 100);
  const x = (sec: number) => (left + ((width - left - 10) * sec) / lastSec).toFixed(1);
  const y = (mib: number) => (height - bottom - ((height - bottom - 10) * mib) / topMib).toFixed(1);
  const line = samples.map(({ sec, mib }) => `${x(sec)},${y(mib)}`).join(" ");
  const marks = Array.from({ length: topMib / 100 + 1 }, (_, i) => 100 * i);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="#444"><title>Resident memory of the server over its uploads and its rest</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${marks.map((mib) => `<path d="M${left} ${y(mib)}H${width - 10}" stroke="#ddd"/><text x="${left - 6}" y="${y(mib)}" dy="4" text-anchor="end">${mib}</text>`).join("\n")}
<path d="M${x(busySec)} 10V${height - bottom}" stroke="#d55e00"/><text x="${x(busySec)}" y="20" dx="4">last upload done</text>
<polyline points="${line}" fill="none" stroke="#0072b2" stroke-width="1.5"/>
<text x="${left}" y="${height - 8}">0 s</text><text x="${width - 10}" y="${height - 8}" text-anchor="end">${lastSec.toFixed(0)} s</text>
<text x="${(width + left) / 2}" y="${height - 8}" text-anchor="middle">resident memory of the server, MiB</text>
</svg>
`;
}
