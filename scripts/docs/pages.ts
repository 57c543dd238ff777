import { formatManual } from "../../src/cli/manual.ts";
import { buildProgram, commandNames } from "../../src/cli/program.ts";
import { modelManifestSchema } from "../../src/networks/manifest.ts";
import { failureReportSchema, fileReportSchema } from "../../src/report/schema.ts";
import { schemaTables } from "./schema-tables.ts";

const note = (source: string) =>
  `<!-- Written by \`npm run manual\` from \`${source}\`. Do not edit by hand. -->`;

const reportFormat = () => `# Report format

${note("src/report/schema.ts")}

\`telltale detect --json F\` writes one JSON document for a file, and JSON Lines for several files: one document on each
line, in the order of the arguments. A value that is not known is null.

The npm package contains the same schema as JSON Schema:

\`\`\`js
import schema from "telltale/schema" with { type: "json" };
\`\`\`

## Report on an analyzed file

${schemaTables(fileReportSchema, "###")}

## Report on a file that could not be analyzed

${schemaTables(failureReportSchema, "###")}
`;

const manifest = () => `# Model manifest

${note("src/networks/manifest.ts")}

A model is a folder with \`manifest.json\` and a file of weights. \`telltale train detector\` and \`telltale calibrate\` write
such folders; \`--model DIR\` uses one. Telltale refuses a model whose manifest does not match this schema or whose weights
do not match their hash.

${schemaTables(modelManifestSchema, "##")}
`;

/** Content of the generated pages by path relative to the repository root. */
export async function formatPages(): Promise<Readonly<Record<string, string>>> {
  return {
    "docs/cli.md": formatManual(await buildProgram(commandNames)),
    "docs/report-format.md": reportFormat(),
    "docs/manifest.md": manifest(),
  };
}
