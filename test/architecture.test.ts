import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const src = resolve(import.meta.dirname, "../src");

/**
 * What each folder may import of the others: `values` at run time, `types` in addition. Every folder may import itself,
 * src/errors.ts, src/files and src/types.
 */
const table: Record<string, { values: string[]; types: string[] }> = {
  files: { values: [], types: [] },
  options: { values: [], types: [] },
  media: { values: [], types: [] },
  engine: { values: [], types: [] },
  statistics: { values: [], types: [] },
  faces: { values: ["engine"], types: ["media"] },
  networks: { values: ["engine"], types: [] },
  // Container tags come from ffprobe.
  provenance: { values: ["media"], types: [] },
  // Shapes of results that folders pass to each other; a detection contains types of earlier stages.
  types: { values: [], types: ["options", "media", "faces", "provenance"] },
  // The engine for its worker pool.
  detection: {
    values: ["options", "faces", "networks", "media", "engine", "statistics", "provenance"],
    types: [],
  },
  augmentation: { values: ["faces", "engine"], types: [] },
  data: { values: ["faces", "engine", "media"], types: [] },
  training: {
    values: ["data", "networks", "augmentation", "faces", "engine", "media", "statistics"],
    types: [],
  },
  // Perturbs files, attacks crops and masks parts of the input.
  evaluation: {
    values: ["detection", "data", "statistics", "engine", "networks", "faces", "media"],
    types: ["options"],
  },
  report: { values: [], types: ["provenance"] },
  // media for hashes and lengths of files, networks for the hash of the model.
  audit: { values: ["options", "detection", "report", "media", "networks", "provenance"], types: [] },
  index: { values: ["audit", "detection", "networks", "options", "report"], types: ["faces"] },
  // The page shares words and shapes with the HTML report.
  web: { values: ["index", "report"], types: ["faces", "media"] },
  cli: {
    values: ["options", "index", "report", "detection", "data", "training", "evaluation", "audit", "web"],
    types: ["networks"],
  },
};

/** Single files that may import more than their folder, and why. */
const exceptions: Record<string, string[]> = {
  // doctor checks every stage separately, so that a broken stage does not hide the others.
  "cli/checks.ts": ["media/index.ts", "networks/read-manifest.ts", "node:child_process"],
  "cli/backend-probe.ts": ["engine/index.ts"],
  // The page and the overlay draw the same marks.
  "web/page/stage.ts": ["detection/mark-position.ts", "detection/heat-map.ts"],
  // The overlay uses the words of the reports.
  "detection/overlay.ts": ["report/words.ts"],
  // Only a separate process can be killed when it hangs.
  "audit/process-pool.ts": ["node:child_process"],
};

/** Packages that only one folder may import. */
const doors: readonly { matches: RegExp; folder: string }[] = [
  { matches: /^@tensorflow\//, folder: "engine" },
  { matches: /^(node:)?child_process$/, folder: "media" },
  { matches: /^fluent-ffmpeg$/, folder: "media" },
  { matches: /^(@contentauth\/|exifreader$)/, folder: "provenance" },
  { matches: /^@ff(mpeg|probe)-installer\//, folder: "media" },
  { matches: /^commander$/, folder: "cli" },
  { matches: /^(express|helmet|prom-client|@fastify\/busboy)$/, folder: "web" },
  { matches: /^(bullmq|ioredis)$/, folder: "audit" },
];

interface Import {
  /** Path below src/, e.g. `cli/main.ts`. */
  readonly from: string;
  /** Path below src/, or the package's name. */
  readonly to: string;
  readonly isType: boolean;
  /** `import()`: loaded when it is reached, not when the file is. */
  readonly isLazy: boolean;
}

const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
const imports = files.flatMap((path) => importsOf(path.replaceAll("\\", "/")));

function importsOf(from: string): Import[] {
  const source = ts.createSourceFile(from, readFileSync(join(src, from), "utf8"), ts.ScriptTarget.Latest);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, isType: boolean, isLazy = false) => {
    if (!specifier || !ts.isStringLiteral(specifier)) return;
    const { text } = specifier;
    const to = text.startsWith(".")
      ? relative(src, resolve(src, dirname(from), text)).replaceAll("\\", "/")
      : text;
    found.push({ from, to, isType, isLazy });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeExport(node));
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true);
    else if (ts.isCallExpression(node)) {
      const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === "require";
      if (isImport || isRequire) add(node.arguments[0], false, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (!importClause) return false;
  const bindings = importClause.namedBindings;
  const onlyTypes = bindings && ts.isNamedImports(bindings) && bindings.elements.every((e) => e.isTypeOnly);
  return importClause.phaseModifier === ts.SyntaxKind.TypeKeyword || Boolean(!importClause.name && onlyTypes);
}

function isTypeExport({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean {
  const onlyTypes =
    exportClause && ts.isNamedExports(exportClause) && exportClause.elements.every((e) => e.isTypeOnly);
  return isTypeOnly || Boolean(onlyTypes);
}

/** `cli/main.ts` -> `cli`, `index.ts` -> `index`. */
function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : path.replace(/\.ts$/, "");
}

function isAllowed({ from, to, isType }: Import): boolean {
  const [folder, target] = [folderOf(from), folderOf(to)];
  if (target === folder || ["errors", "files", "types"].includes(target) || exceptions[from]?.includes(to))
    return true;
  const rule = table[folder];
  if (!rule) return false;
  return rule.values.includes(target) || (isType && rule.types.includes(target));
}

const show = ({ from, to, isType }: Import) => `${from} imports ${isType ? "types of " : ""}${to}`;

describe("the import table", () => {
  test("reads the imports of every file", () => {
    expect(files.length).toBeGreaterThan(30);
    expect(imports).toContainEqual({
      from: "index.ts",
      to: "detection/detect.ts",
      isType: false,
      isLazy: false,
    });
    expect(imports).toContainEqual({
      from: "report/json.ts",
      to: "types/detection.ts",
      isType: true,
      isLazy: false,
    });
    expect(imports).toContainEqual({
      from: "cli/checks.ts",
      to: "media/index.ts",
      isType: false,
      isLazy: true,
    });
  });

  test("knows every folder", () => {
    const folders = new Set(files.map((path) => folderOf(path.replaceAll("\\", "/"))));
    expect([...folders].filter((folder) => folder !== "errors" && !(folder in table))).toEqual([]);
  });

  test("holds for every import of one folder by another", () => {
    const internal = imports.filter(({ to }) => files.includes(to));
    expect(internal.length).toBeGreaterThan(50);
    expect(internal.filter((i) => !isAllowed(i)).map(show)).toEqual([]);
  });

  test("a relative import names a file that is there", () => {
    const missing = imports.filter(({ to }) => /\.(ts|js)$/.test(to) && !files.includes(to));
    expect(missing.map(show)).toEqual([]);
  });

  test("TensorFlow, processes, the command line and the web each have one door", () => {
    const trespassers = imports.filter(({ from, to, isType }) => {
      const door = doors.find(({ matches }) => matches.test(to));
      return door && !isType && folderOf(from) !== door.folder && !exceptions[from]?.includes(to);
    });
    expect(trespassers.map(show)).toEqual([]);
  });

  /** Packages that files load with all that they import at once. */
  const packagesOf = (...entries: string[]) => {
    const loaded = new Set(entries);
    // A Set hands out what is added while it is being walked.
    for (const file of loaded) {
      for (const { to, isType, isLazy } of imports.filter(({ from }) => from === file)) {
        if (!isType && !isLazy) loaded.add(to);
      }
    }
    return [...loaded].filter((path) => !files.includes(path) && !path.startsWith("node:")).sort();
  };

  test("a start of the command loads no more than help and usage errors need", () => {
    expect(packagesOf("cli/main.ts")).toEqual(["commander"]);
  });

  test("the thread that waits for frames loads neither TensorFlow nor what pictures need", () => {
    const packages = packagesOf("cli/main.ts", "cli/detect.ts", "detection/detect.ts");
    expect(packages).toEqual(["commander", "fluent-ffmpeg", "zod"]);
  });

  test("the exceptions are all still needed", () => {
    const unused = Object.entries(exceptions).flatMap(([from, targets]) =>
      targets
        .filter((to) => !imports.some((i) => i.from === from && i.to === to && !i.isType))
        .map((to) => `${from}: ${to}`),
    );
    expect(unused).toEqual([]);
  });
});
