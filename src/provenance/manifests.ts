import {
  type CredentialAction,
  type CredentialIngredient,
  type Credentials,
  clean,
  type Declares,
  type Statement,
  type Statements,
} from "./provenance.ts";
import { sourceTypes, sourceTypeTerm } from "./source-types.ts";

/** The part of c2pa-rs's JSON that is read; every field comes from the file and may be anything. */
export interface StoreJson {
  readonly active_manifest?: unknown;
  readonly manifests?: unknown;
  readonly validation_state?: unknown;
  readonly validation_results?: unknown;
}

/** More than these tell no more; the rest is counted. */
const LIMITS = { manifests: 64, actions: 64, ingredients: 64, statements: 32 } as const;

/** Failure that says nothing but that the signer is on no list. */
const UNTRUSTED = "signingCredential.untrusted";
/**
 * Failures that are about the signer and not about the file. Generators sign with certificates of a year and without a
 * time stamp, so that all of their files fail for the second one soon.
 */
const EXPIRED = "signingCredential.expired";
const ofSigner: readonly string[] = [UNTRUSTED, EXPIRED];

/** What the manifests of a file say: the file's own first, then those that went into it, each once. */
export function readManifests(
  store: StoreJson,
  { isWhole, hasAnchors }: { isWhole: boolean; hasAnchors: boolean },
): Statements {
  const manifests = asRecord(store.manifests);
  const active = asText(store.active_manifest) ?? "";
  const failures = failuresOf(store.validation_results);
  const state = stateOf(store, failures, isWhole);
  const walk = new Walk(manifests, state === "valid" || state === "trusted");
  walk.visit(active);
  const own = asRecord(manifests[active]);
  const signature = asRecord(own.signature_info);
  const problems = failures
    .filter(({ code }) => (code === UNTRUSTED ? hasAnchors : state !== "not-checked" || !isBinding(code)))
    .map(({ code, explanation }) => `${explanation} (${code}).`);
  const credentials: Credentials = {
    state,
    problems: [...new Set(problems)].slice(0, 16),
    signer: asText(signature.common_name),
    issuer: asText(signature.issuer),
    signedAt: asText(signature.time),
    generator: generatorOf(own),
    title: asText(own.title),
    manifests: Object.keys(manifests).length,
    actions: walk.actions,
    ingredients: walk.ingredients,
  };
  return { credentials, statements: walk.statements, notRead: walk.notRead(state) };
}

interface Failure {
  readonly code: string;
  readonly explanation: string;
}

function failuresOf(results: unknown): Failure[] {
  const { activeManifest, ingredientDeltas } = asRecord(results);
  const deltas = asList(ingredientDeltas).map((delta) => asRecord(delta).validationDeltas);
  return [activeManifest, ...deltas]
    .flatMap((one) => asList(asRecord(one).failure))
    .slice(0, 100)
    .map((failure) => {
      const { code, explanation } = asRecord(failure);
      return { code: asText(code) ?? "unknown", explanation: sentenceStart(asText(explanation) ?? "Failed") };
    });
}

function sentenceStart(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Whether a failure is about the file that the manifest is bound to. */
function isBinding(code: string): boolean {
  return /^assertion\.(?:dataHash|bmffHash|boxesHash|collectionHash)\./.test(code);
}

function stateOf(store: StoreJson, failures: readonly Failure[], isWhole: boolean): Credentials["state"] {
  const others = failures.filter(({ code }) => !ofSigner.includes(code) && (isWhole || !isBinding(code)));
  const passed = asList(asRecord(asRecord(store.validation_results).activeManifest).success).map((one) =>
    asText(asRecord(one).code),
  );
  // With an expired certificate the signature is checked too, and only what fails is listed (c2pa-rs 0.92).
  const isExpired = failures.some(({ code }) => code === EXPIRED);
  const isIntact = isExpired || passed.includes("claimSignature.validated");
  if (others.length > 0 || !isIntact) return "invalid";
  if (!isWhole) return "not-checked";
  if (!passed.some((code) => code !== null && isBinding(code) && code.endsWith(".match"))) return "invalid";
  return store.validation_state === "Trusted" ? "trusted" : "valid";
}

/** Goes through manifests from the file's own to those of its ingredients; each once, so that cycles end. */
class Walk {
  readonly statements: Statement[] = [];
  readonly actions: CredentialAction[] = [];
  readonly ingredients: CredentialIngredient[] = [];
  readonly #manifests: Readonly<Record<string, unknown>>;
  readonly #isValid: boolean;
  readonly #visited = new Map<string, number>();
  #leftOut = 0;

  constructor(manifests: Readonly<Record<string, unknown>>, isValid: boolean) {
    this.#manifests = manifests;
    this.#isValid = isValid;
  }

  visit(active: string): void {
    // Of the file itself: its own manifest and its parents'. Of a part: all below a component.
    const queue = [{ label: active, isPart: false, signed: this.#isValid }];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { label, isPart, signed } = next;
      if (this.#visited.has(label) || !Object.hasOwn(this.#manifests, label)) continue;
      if (this.#visited.size >= LIMITS.manifests) {
        this.#leftOut++;
        continue;
      }
      const index = this.#visited.size;
      this.#visited.set(label, index);
      const manifest = asRecord(this.#manifests[label]);
      this.#readAssertions(manifest, { index, isPart, signed });
      for (const item of asList(manifest.ingredients)) {
        const ingredient = asRecord(item);
        const inner = asText(ingredient.active_manifest, 1000);
        const relationship = asText(ingredient.relationship);
        this.#push(this.ingredients, LIMITS.ingredients, {
          title: asText(ingredient.title),
          relationship,
          hasManifest: inner !== null,
          manifest: index,
        });
        // What a generator was shown is no part of what it made.
        if (inner === null || relationship === "inputTo" || queue.length > LIMITS.manifests) continue;
        const failed = failuresOf(ingredient.validation_results).some(({ code }) => !ofSigner.includes(code));
        queue.push({
          label: inner,
          isPart: isPart || relationship !== "parentOf",
          signed: signed && !failed,
        });
      }
    }
  }

  notRead(state: Credentials["state"]): string[] {
    const notes: string[] = [];
    if (this.#leftOut > 0)
      notes.push(`${this.#leftOut} more actions, ingredients and manifests are left out.`);
    if (state === "not-checked") {
      notes.push(
        "The file is too large to compare with its C2PA manifest, so its signature proves nothing here.",
      );
    }
    return notes;
  }

  #readAssertions(
    manifest: Readonly<Record<string, unknown>>,
    about: { readonly index: number; readonly isPart: boolean; readonly signed: boolean },
  ): void {
    for (const item of asList(manifest.assertions).slice(0, 1000)) {
      const { label, data } = asRecord(item);
      const name = asText(label) ?? "";
      if (/^c2pa\.actions\b/.test(name)) this.#readActions(manifest, asList(asRecord(data).actions), about);
      const sourceType = asRecord(data)["Iptc4xmpExt:DigitalSourceType"];
      if (sourceType !== undefined)
        this.#state(`${name}, DigitalSourceType`, sourceType, true, generatorOf(manifest), about);
    }
  }

  #readActions(
    manifest: Readonly<Record<string, unknown>>,
    actions: readonly unknown[],
    about: { readonly index: number; readonly isPart: boolean; readonly signed: boolean },
  ): void {
    for (const item of actions) {
      const entry = asRecord(item);
      const action = asText(entry.action) ?? "unknown";
      const software = nameOf(entry.softwareAgent);
      const term = sourceTypeTerm(asText(entry.digitalSourceType) ?? "");
      const when = asText(entry.when);
      this.#push(this.actions, LIMITS.actions, {
        action,
        sourceType: term,
        software,
        when,
        manifest: about.index,
      });
      if (entry.digitalSourceType === undefined) continue;
      const by = software ?? generatorOf(manifest);
      this.#state(action, entry.digitalSourceType, action === "c2pa.created", by, about);
    }
  }

  /** Notes a source type. @param isWhole whether it is about all that the manifest is for */
  #state(
    where: string,
    value: unknown,
    isWhole: boolean,
    by: string | null,
    { isPart, signed }: { readonly isPart: boolean; readonly signed: boolean },
  ): void {
    const text = asText(value) ?? "";
    const type = sourceTypes[sourceTypeTerm(text) ?? ""];
    const means = type?.means ?? "A source type that the vocabularies do not have.";
    this.#push(this.statements, LIMITS.statements, {
      ...{ kind: "c2pa", where: clean(where), value: text, signed, by },
      means: isPart ? `Of a part of the file: ${means}` : means,
      declares: declaredOf(type?.declares ?? null, isWhole && !isPart),
    });
  }

  #push<Item>(list: Item[], limit: number, item: Item): void {
    if (list.length < limit) list.push(item);
    else this.#leftOut++;
  }
}

/** A part that was generated makes the file an edited one; a part that was recorded says nothing of the file. */
function declaredOf(declares: Declares | null, isWhole: boolean): Declares | null {
  if (isWhole || declares === null) return declares;
  return declares === "captured" ? null : "edited-with-generative-ai";
}

/** The program of a manifest, with the organization that signed where its name does not say it. */
function generatorOf(manifest: Readonly<Record<string, unknown>>): string | null {
  const name = nameOf(asList(manifest.claim_generator_info)[0]) ?? asText(manifest.claim_generator);
  return name;
}

/** The name of a program, given as a text or as `{ name, version }`. */
function nameOf(program: unknown): string | null {
  return asText(program) ?? asText(asRecord(program).name);
}

function asText(value: unknown, length?: number): string | null {
  return typeof value === "string" && value !== "" ? clean(value, length) : null;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
