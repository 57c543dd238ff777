import { z } from "zod";

const text = z.string();
const declares = z.enum(["generated", "edited-with-generative-ai", "captured"]);
const manifest = z
  .number()
  .int()
  .min(0)
  .describe("Manifest that lists it: 0 is the file's own, others are those of ingredients.");

const credentials = z.strictObject({
  state: z
    .enum(["trusted", "valid", "invalid", "not-checked"])
    .describe(
      "valid: the signature is good and the file unchanged since; trusted: so, and the signer is on the list of --trust-anchors; invalid: the signature is broken or the file was changed; not-checked: the file is too large to compare.",
    ),
  problems: z
    .array(text)
    .describe("What failed, one sentence each, with the code of the C2PA specification."),
  signer: text.nullable().describe("Common name in the signer's certificate."),
  issuer: text.nullable().describe("Organization in the signer's certificate."),
  signedAt: text.nullable().describe("Time of the signature, ISO 8601; null without a time stamp."),
  generator: text.nullable().describe("Program that made the claim."),
  title: text.nullable().describe("Title of the file."),
  manifests: z.number().int().min(0).describe("Manifests in the file, those of ingredients included."),
  actions: z
    .array(
      z.strictObject({
        action: text.describe("What was done, e.g. c2pa.created."),
        sourceType: text.nullable().describe("Term of the IPTC vocabulary, e.g. trainedAlgorithmicMedia."),
        software: text.nullable().describe("Program that did it."),
        when: text.nullable().describe("When it was done, as the manifest says."),
        manifest,
      }),
    )
    .describe("What was done to the file, at most 64."),
  ingredients: z
    .array(
      z.strictObject({
        title: text.nullable().describe("Title of the ingredient."),
        relationship: text.nullable().describe("parentOf, componentOf or inputTo."),
        hasManifest: z.boolean().describe("Whether it has a manifest of its own."),
        manifest,
      }),
    )
    .describe("Files that went into it, at most 64."),
});

/** What a file says of its origin. */
export const provenanceSchema = z.strictObject({
  credentials: credentials
    .nullable()
    .describe("The C2PA manifest (Content Credentials); null where the file holds none."),
  declares: declares
    .nullable()
    .describe(
      "What the file says it is: generated, edited with generative AI, or captured; null where it does not say.",
    ),
  signed: z
    .boolean()
    .describe("Whether a valid signature covers declares; without one anybody can have written it."),
  by: text.nullable().describe("Program or service that declares names; null where none is named."),
  evidence: z
    .array(
      z.strictObject({
        kind: z.enum(["c2pa", "xmp", "iptc", "exif", "text", "container"]).describe("Kind of metadata."),
        where: text.describe("Name of the field."),
        value: text.describe("What the field holds, at most 200 characters."),
        means: text.describe("What that means, one sentence."),
        signed: z.boolean().describe("Whether a valid signature covers the statement."),
      }),
    )
    .describe("Statements of the file, at most 64; those that decide come first."),
  notRead: z.array(text).describe("What could not be read, one sentence each."),
});
