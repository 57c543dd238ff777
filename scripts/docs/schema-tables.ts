import { z } from "zod";

/** The parts of JSON Schema that zod emits for our schemas. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  /** A schema with an id is written as a reference to its definition. */
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

interface Table {
  /** Empty for the outermost object. */
  readonly path: string;
  readonly text: string;
}

/**
 * Markdown tables of the fields of a schema: one for the root object, then one per nested object under a heading with its path,
 * e.g. `frames[].faces[]`. Objects with equal fields share a table.
 */
export function schemaTables(schema: z.ZodType, heading: "##" | "###"): string {
  const root = z.toJSONSchema(schema, { io: "output" }) as JsonSchema;
  const definition = root.$ref && root.$defs?.[root.$ref.split("/").at(-1)!];
  const pathsOfTable = new Map<string, string[]>();
  for (const { path, text } of tablesOf(definition || root, "")) {
    pathsOfTable.set(text, [...(pathsOfTable.get(text) ?? []), path]);
  }
  return [...pathsOfTable]
    .map(([text, paths]) =>
      paths[0] === "" ? text : `${heading} ${paths.map((path) => `\`${path}\``).join(", ")}\n\n${text}`,
    )
    .join("\n\n");
}

function tablesOf({ properties = {}, required = [] }: JsonSchema, path: string): Table[] {
  const rows = Object.entries(properties).map(([name, field]) => {
    const type = required.includes(name) ? typeOf(field) : `${typeOf(field)}, optional`;
    return `| \`${name}\` | ${escapeCell(type)} | ${escapeCell(descriptionOf(field))} |`;
  });
  const text = ["| field | type | meaning |", "|---|---|---|", ...rows].join("\n");
  const nested = Object.entries(properties).flatMap(([name, field]) => {
    const [object, isList] = objectOf(field);
    return object ? tablesOf(object, `${path && `${path}.`}${name}${isList ? "[]" : ""}`) : [];
  });
  return [{ path, text }, ...nested];
}

/** The object type of a field or of its items. */
function objectOf(field: JsonSchema): [object: JsonSchema | null, isList: boolean] {
  const inner = unwrap(field);
  if (inner.properties) return [inner, false];
  return inner.items?.properties ? [inner.items, true] : [null, false];
}

function typeOf(field: JsonSchema): string {
  const isNullable = field.anyOf?.some(({ type }) => type === "null") || typesOf(field).length > 1;
  return `${nameOf(unwrap(field))}${isNullable ? " or null" : ""}`;
}

function nameOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(", ");
  if (schema.prefixItems) return `list of ${schema.prefixItems.length} numbers`;
  if (schema.items?.enum) return `list of ${nameOf(schema.items)}`;
  if (schema.items) return `list of ${nameOf(schema.items)}s`;
  return typesOf(schema)[0] ?? "object";
}

/** Types of a schema; a nullable number has the types `["number", "null"]`. */
function typesOf({ type = [] }: JsonSchema): readonly string[] {
  return [type].flat();
}

/** The schema without `null`. */
function unwrap(field: JsonSchema): JsonSchema {
  return field.anyOf?.find(({ type }) => type !== "null") ?? field;
}

function descriptionOf(field: JsonSchema): string {
  const description =
    field.description ?? unwrap(field).description ?? unwrap(field).items?.description ?? "";
  return description === "" ? "" : description.replace(/\.?$/, ".");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
