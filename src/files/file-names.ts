import { basename, resolve, sep } from "node:path";

/**
 * What files are called in a report that is handed on: each by its name, with as many of its folders as tell it from the
 * others, with `/` between the parts.
 */
export function sharedNames(paths: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  let left = new Map(paths.map((path) => [path, resolve(path).split(sep).filter(Boolean)]));
  for (let depth = 1; left.size > 0; depth++) {
    const groups = new Map<string, [string, string[]][]>();
    for (const file of left) {
      const name = file[1].slice(-depth).join("/");
      groups.set(name, [...(groups.get(name) ?? []), file]);
    }
    left = new Map();
    for (const [name, group] of groups) {
      const isUnique = new Set(group.map(([, parts]) => parts.join("/"))).size === 1;
      for (const [path, parts] of group) {
        if (isUnique) names.set(path, name);
        else left.set(path, parts);
      }
    }
  }
  return names;
}

/** The last part of a folder's path, e.g. `face`. */
export function folderName(path: string): string {
  return basename(resolve(path));
}

/** A value with names in place of paths, wherever a text holds one. */
export function withNames<Value>(value: Value, names: ReadonlyMap<string, string>): Value {
  if (typeof value === "string") {
    // The longest first: a path may be the beginning of another.
    const ordered = [...names].sort(([a], [b]) => b.length - a.length);
    const whole = names.get(value);
    if (whole !== undefined) return whole as Value;
    let text: string = value;
    // `.` and `..` stand in sentences that name no path.
    for (const [path, name] of ordered) if (/[^./\\]/.test(path)) text = text.replaceAll(path, () => name);
    return text as Value;
  }
  if (Array.isArray(value)) return value.map((item) => withNames(item, names)) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withNames(item, names)]),
  ) as Value;
}
