import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { TelltaleError } from "../errors.ts";
import { descriptorOf, followLinks } from "./follow-links.ts";

/** Something that a command is to write. */
export interface Output {
  /** What it is called in sentences, e.g. `--json`. */
  readonly name: string;
  readonly path: string;
}

/** What a command reads. */
export interface Inputs {
  readonly files?: readonly string[];
  /** Folders that are read with all that is in them. */
  readonly folders?: readonly string[];
}

/** What tells a place from another: where it is, and the file that is there. */
interface PathIdentity {
  readonly path: string;
  /** Device and inode, the same for all hard links and all spellings of a name; null where nothing exists. */
  readonly identity: string | null;
  /** A character device such as `/dev/null` can be written to any number of times. */
  readonly isDevice: boolean;
}

/**
 * Makes sure, before any work, that no output is an input, lies in a folder that is read, or is another output; whatever
 * links and names they are given by.
 *
 * @throws TelltaleError `USAGE`
 */
export async function checkOutputs(outputs: readonly Output[], inputs: Inputs = {}): Promise<void> {
  const [files, folders] = await Promise.all([
    Promise.all((inputs.files ?? []).map(identify)),
    Promise.all((inputs.folders ?? []).map(identify)),
  ]);
  const earlier: { readonly output: Output; readonly place: PathIdentity }[] = [];
  for (const output of outputs) {
    const place = await identify(output.path);
    if (place.isDevice) continue;
    const { name, path } = output;
    if (files.some((file) => isSame(file, place))) {
      throw refusal(`Expected another place for ${name} than a file that is read, ${path}`);
    }
    const within = folders.findIndex((folder) => isSame(folder, place) || isWithin(place.path, folder.path));
    if (within >= 0) {
      const folder = inputs.folders![within]!;
      throw refusal(`Expected a place for ${name} outside ${folder}, which is read, but received ${path}`);
    }
    const twin = earlier.find((other) => isSame(other.place, place) || isOneName(other.place, place));
    if (twin) {
      throw refusal(`Expected different places for ${twin.output.name} and ${name} but both are ${path}`);
    }
    earlier.push({ output, place });
  }
}

/** Whether two paths are the same file or folder. */
export async function isSamePath(a: string, b: string): Promise<boolean> {
  return isSame(await identify(a), await identify(b));
}

/** Whether a path is a folder or lies in it, at any depth. */
export async function isPathWithin(path: string, folder: string): Promise<boolean> {
  const [inner, outer] = [await identify(path), await identify(folder)];
  return isSame(inner, outer) || isWithin(inner.path, outer.path);
}

async function identify(path: string): Promise<PathIdentity> {
  const there = await stat(path, { bigint: true }).catch(() => null);
  return {
    path: descriptorOf(path) === null ? await whereverItIs(path) : resolve(path),
    identity: there && `${there.dev}:${there.ino}`,
    isDevice: there?.isCharacterDevice() ?? false,
  };
}

/** The real path of the part that exists, and the rest as it is. */
async function whereverItIs(path: string): Promise<string> {
  const absolute = resolve(path);
  const target = await followLinks(absolute).catch(() => null);
  if (target !== null) return realpath(target).catch(() => target);
  const above = dirname(absolute);
  return above === absolute ? absolute : join(await whereverItIs(above), basename(absolute));
}

function isSame(a: PathIdentity, b: PathIdentity): boolean {
  return a.path === b.path || (a.identity !== null && a.identity === b.identity);
}

/** Whether two new files are one where case and the form of accents do not tell names apart (macOS, Windows). */
function isOneName(a: PathIdentity, b: PathIdentity): boolean {
  const folded = (path: string) => path.normalize("NFC").toLowerCase();
  return folded(a.path) === folded(b.path);
}

function isWithin(path: string, folder: string): boolean {
  const rest = relative(folder, path);
  return rest !== "" && rest !== ".." && !rest.startsWith(`..${sep}`) && resolve(folder, rest) === path;
}

function refusal(sentence: string): TelltaleError {
  return new TelltaleError("USAGE", `${sentence}; give another path.`);
}
