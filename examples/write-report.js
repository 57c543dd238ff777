// Writes a report for people: node examples/write-report.js FILE REPORT.html
import { writeFile } from "node:fs/promises";
import { detect, formatHtml, makeReportPictures, reportFile } from "telltale";

const [, , file, out] = process.argv;
const detection = await detect(file, { frames: 8, backend: "wasm", hasEvidence: true });
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const item = { report: reportFile(detection), pictures: await makeReportPictures(detection) };
await writeFile(out, formatHtml([item], { madeAt: new Date(), timeZone }));
console.log(`${detection.verdict}: see ${out}`);
