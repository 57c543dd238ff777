import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { WasmReader } from "@contentauth/c2pa-wasm";
import type { MimeType } from "./contents.ts";
import { readManifests, type StoreJson } from "./manifests.ts";
import { type Credentials, clean, type Statements } from "./provenance.ts";

/** Checks C2PA manifests with c2pa-rs in WebAssembly; loads 9 MB when the first one is read. */
export class ManifestReader {
  #module: Promise<typeof import("@contentauth/c2pa-wasm")> | null = null;
  readonly #settings: string;
  readonly #hasAnchors: boolean;

  /** @param trustAnchors certificates in PEM; null checks no signer */
  constructor(trustAnchors: string | null) {
    this.#hasAnchors = trustAnchors !== null;
    this.#settings = JSON.stringify({
      verify: { verify_trust: true, remote_manifest_fetch: false, ocsp_fetch: false },
      ...(trustAnchors === null ? {} : { trust: { user_anchors: trustAnchors } }),
    });
  }

  /**
   * What the manifest in a file says.
   *
   * @param bytes the whole file, or its manifest store alone
   * @param isWhole whether it is the whole file; without it nothing can be said of what the manifest is bound to
   */
  async read(bytes: Uint8Array, mimeType: MimeType, isWhole: boolean): Promise<Statements> {
    this.#module ??= load();
    const c2pa = await this.#module;
    let reader: WasmReader;
    try {
      reader = await c2pa.WasmReader.fromBytes(
        isWhole ? mimeType : "application/c2pa",
        bytes,
        this.#settings,
      );
    } catch (error) {
      // A trap leaves the instance in an unknown state, which ends the thread.
      if (error instanceof Error && error.name === "RuntimeError") throw error;
      return unreadable(error);
    }
    try {
      const store = JSON.parse(reader.json()) as StoreJson;
      return readManifests(store, { isWhole, hasAnchors: this.#hasAnchors });
    } finally {
      reader.free();
    }
  }
}

async function load(): Promise<typeof import("@contentauth/c2pa-wasm")> {
  const c2pa = await import("@contentauth/c2pa-wasm");
  const path = fileURLToPath(import.meta.resolve("@contentauth/c2pa-wasm/c2pa.wasm"));
  c2pa.initSync({ module: await readFile(path) });
  return c2pa;
}

function unreadable(error: unknown): Statements {
  // The library lists everything that it checked.
  const text = (error instanceof Error ? error.message : String(error)).slice(0, 1000);
  if (text.includes("JumbfNotFound")) {
    const note = "A C2PA manifest lies where it does not belong to the file, and was not checked.";
    return { credentials: null, statements: [], notRead: [note] };
  }
  const problem = `The manifest is damaged and cannot be read: ${clean(text.replace(/^C2pa\((.*)\)$/s, "$1"))}.`;
  const credentials: Credentials = {
    ...{ state: "invalid", problems: [problem], signer: null, issuer: null, signedAt: null },
    ...{ generator: null, title: null, manifests: 0, actions: [], ingredients: [] },
  };
  return { credentials, statements: [], notRead: [] };
}
