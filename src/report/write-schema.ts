// `npm run build` runs this after tsc: the reports' zod schema as JSON Schema, beside the compiled module.
import { writeFileSync } from "node:fs";
import { z } from "zod";
import { reportSchema } from "./schema.ts";

const schema = { title: "Telltale report on one file", ...z.toJSONSchema(reportSchema) };
writeFileSync(new URL("./schema.json", import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
