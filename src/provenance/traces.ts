import { clean, type Declares, type EvidenceKind, type Field, type Statement } from "./provenance.ts";
import { sourceTypes, sourceTypeTerm } from "./source-types.ts";

/** One row of the table: a field, what it must hold, and what that means. */
export interface Trace {
  /** Fields to look at. `text:` is PNG text, `container:` is what ffprobe calls tags. */
  readonly where: readonly string[];
  /** Run on the first {@link MAX_MATCHED} characters; simple enough to take linear time on any text. */
  readonly match: RegExp;
  /** One sentence. */
  readonly means: string;
  readonly declares: Declares | null;
  /** Program or service; null takes the value itself for a statement that declares something. */
  readonly by: string | null;
  /** Address of what documents it, or in which files it was seen. */
  readonly source: string;
  /** A value that the row matches, for its test. */
  readonly example: string;
}

const programs = [
  "exif:Software",
  "xmp:CreatorTool",
  "text:Software",
  "container:software",
  "container:encoder",
];
const credits = ["iptc:Credit", "xmp:Credit"];
const descriptions = [
  "text:Description",
  "exif:ImageDescription",
  "xmp:description",
  "iptc:Caption/Abstract",
];
const comments = ["exif:UserComment", "text:Comment", "text:parameters", "container:comment"];
const labels = [
  "text:AIGC",
  "xmp:AIGC",
  "exif:UserComment",
  "container:AIGC",
  "container:aigc",
  "container:comment",
];
const iptcTerms = "https://cv.iptc.org/newscodes/digitalsourcetype/";
const exifTags = "https://exiftool.org/TagNames/EXIF.html";
const quicktime = "https://developer.apple.com/documentation/quicktime-file-format/metadata_item_keys_atom";

const generated = { declares: "generated" } as const;
const edited = { declares: "edited-with-generative-ai" } as const;
const neutral = { declares: null, by: null } as const;

/**
 * What generators, editors and cameras are known to write. The first row that matches a field counts, so particular
 * ones stand before general ones. A new row needs a source and an example; a test goes through all of them.
 */
export const traces: readonly Trace[] = [
  // Stable Diffusion programs
  {
    ...{ where: ["text:parameters", "exif:UserComment", "text:Comment", "container:comment"], ...generated },
    ...{ match: /"sui_image_params"/, by: "SwarmUI", means: "Settings that SwarmUI generated it with." },
    source: "https://github.com/mcmonkeyprojects/SwarmUI/blob/master/docs/Image%20Metadata%20Format.md",
    example: '{"sui_image_params": {"prompt": "a woman", "seed": 1}}',
  },
  {
    ...{ where: ["text:fooocus_scheme"], ...generated },
    ...{ match: /\S/, by: "Fooocus", means: "Fooocus marks its pictures so." },
    source: "https://github.com/lllyasviel/Fooocus/blob/main/modules/meta_parser.py",
    example: "fooocus",
  },
  {
    ...{ where: comments, ...generated },
    ...{
      match: /"metadata_scheme": ?"fooocus"|"version": ?"Fooocus v/,
      by: "Fooocus",
      means: "Settings that Fooocus generated it with.",
    },
    source: "https://github.com/lllyasviel/Fooocus/blob/main/modules/meta_parser.py",
    example: '{"prompt": "a woman", "metadata_scheme": "fooocus"}',
  },
  {
    ...{ where: comments, ...generated },
    ...{
      match: /\bSteps: \d+, (?:Sampler|Size|Seed|CFG scale|Schedule type|Model)/,
      by: "a Stable Diffusion program",
      means: "Settings of a generated picture, as AUTOMATIC1111, Forge and SD.Next write them.",
    },
    source: "https://github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/Features#png-info",
    example:
      "a woman\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512",
  },
  {
    ...{ where: ["text:prompt", "exif:Model", "container:prompt", "container:comment"], ...generated },
    ...{ match: /"class_type": ?"/, by: "ComfyUI", means: "The graph that ComfyUI generated it with." },
    source: "https://github.com/comfyanonymous/ComfyUI/blob/master/nodes.py",
    example: '{"3": {"class_type": "KSampler", "inputs": {"seed": 1}}}',
  },
  {
    ...{ where: ["text:workflow", "exif:Make", "container:workflow"], ...generated },
    ...{
      match: /"(?:nodes|last_node_id)": ?[[\d]/,
      by: "ComfyUI",
      means: "The workflow that ComfyUI generated it with.",
    },
    source: "https://github.com/comfyanonymous/ComfyUI/blob/master/nodes.py",
    example: '{"last_node_id": 9, "nodes": [{"id": 7, "type": "CLIPTextEncode"}]}',
  },
  {
    ...{ where: ["text:Software", "exif:Software"], ...generated },
    ...{ match: /^NovelAI\b/, by: "NovelAI", means: "NovelAI names itself as the program." },
    source: "https://github.com/tuki0918/novelai-png-metadata-cli",
    example: "NovelAI",
  },
  {
    ...{ where: ["text:Source"], ...generated },
    ...{
      match: /^(?:NovelAI Diffusion|Stable Diffusion(?: XL)?) [0-9A-Z]/,
      by: "NovelAI",
      means: "The network that NovelAI generated it with.",
    },
    source: "https://github.com/tuki0918/novelai-png-metadata-cli",
    example: "NovelAI Diffusion V4 37442FCA",
  },
  {
    ...{ where: ["text:Comment"], ...generated },
    ...{
      match: /"uc": ?"|"n_samples": ?\d|"request_type": ?"PromptGenerate/,
      by: "NovelAI",
      means: "Settings that NovelAI generated it with.",
    },
    source: "https://github.com/tuki0918/novelai-png-metadata-cli",
    example: '{"prompt": "a woman", "steps": 28, "sampler": "k_euler", "uc": "lowres"}',
  },
  {
    ...{
      where: [
        "text:invokeai_metadata",
        "text:invokeai_graph",
        "text:invokeai_workflow",
        "text:sd-metadata",
        "text:Dream",
        "container:invokeai_metadata",
      ],
      ...generated,
    },
    ...{ match: /\S/, by: "InvokeAI", means: "Settings that InvokeAI generated it with." },
    source:
      "https://github.com/invoke-ai/InvokeAI/blob/main/invokeai/app/services/image_files/image_files_disk.py",
    example: '{"app_version": "5.0.0", "positive_prompt": "a woman"}',
  },
  {
    ...{ where: ["text:use_stable_diffusion_model", "text:sampler_name"], ...generated },
    ...{ match: /\S/, by: "Easy Diffusion", means: "Settings that Easy Diffusion generated it with." },
    source: "https://github.com/easydiffusion/easydiffusion/blob/main/ui/easydiffusion/utils/save_utils.py",
    example: "sd-v1-5",
  },
  {
    ...{ where: programs, ...generated },
    ...{
      match: /^AI generated;(?:txt|img)2img;flux/,
      by: "FLUX (Black Forest Labs)",
      means: "The program of Black Forest Labs says that FLUX generated it.",
    },
    source: "https://github.com/black-forest-labs/flux/blob/main/src/flux/util.py",
    example: "AI generated;txt2img;flux",
  },
  {
    ...{ where: ["exif:Make"], ...generated },
    ...{
      match: /^Black Forest Labs\b/,
      by: "FLUX (Black Forest Labs)",
      means: "The program of Black Forest Labs says that FLUX generated it.",
    },
    source: "https://github.com/black-forest-labs/flux/blob/main/src/flux/util.py",
    example: "Black Forest Labs",
  },
  // Services
  {
    ...{ where: descriptions, ...generated },
    ...{
      match: /\bJob ID: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/,
      by: "Midjourney",
      means: "Prompt and job number, as Midjourney writes them.",
    },
    source: "https://github.com/lllyasviel/Fooocus/issues/1456",
    example: "a woman --v 6.1 Job ID: 01234567-89ab-4cde-8f01-23456789abcd",
  },
  {
    ...{ where: [...credits, ...descriptions, ...programs], ...generated },
    ...{
      match: /\bMade with Google AI\b/i,
      by: "Google AI",
      means: "Google's generators credit themselves so.",
    },
    source: "https://www.tech360.tv/google-photos-enhances-user-experience-by-identifying-ai-created-images",
    example: "Made with Google AI",
  },
  {
    ...{ where: [...credits, ...descriptions, ...programs], ...edited },
    ...{
      match: /\bEdited with Google AI\b|\bAI-Generated with Google\b/i,
      by: "Google AI",
      means: "Google Photos marks edits with generative AI so.",
    },
    source: "https://www.fonearena.com/blog/438871/google-photos-ai-metadata-edited-photos.html",
    example: "Edited with Google AI",
  },
  {
    ...{ where: credits, ...edited },
    ...{
      match: /^Apple Photos Clean Up\b/,
      by: "Apple Photos",
      means: "Apple Photos removed something with Clean Up.",
    },
    source: "https://www.malwr4n6.com/post/apple-intelligence-photo-forensics",
    example: "Apple Photos Clean Up",
  },
  {
    ...{ where: [...credits, ...programs], ...generated },
    ...{
      match: /\b(?:Apple )?Image Playground\b/,
      by: "Apple Image Playground",
      means: "Apple's generator names itself.",
    },
    source: "https://www.malwr4n6.com/post/apple-intelligence-photo-forensics",
    example: "Apple Image Playground",
  },
  {
    ...{ where: [...programs, ...credits], ...generated },
    ...{
      match:
        /\b(?:Adobe Firefly|DALL[·-]?E|ChatGPT|GPT-4o|gpt-image|Midjourney|Stable Diffusion|DreamStudio|Ideogram|Leonardo\.?Ai|Bing Image Creator|Microsoft Designer Image|Imagen \d|Nano Banana|Runway Gen|Sora|Kling AI|Luma Dream Machine|Pika Labs|HeyGen|Synthesia|Hailuo)\b/i,
      by: null,
      means: "A generator names itself as the program or source.",
    },
    source: "https://iptc.org/standards/photo-metadata/iptc-standard/",
    example: "Midjourney",
  },
  // Labels that the law or a platform requires
  {
    ...{ where: labels, ...generated },
    ...{
      match: /"Label": ?"?1\b/,
      by: null,
      means: "Label of Chinese law (GB 45438-2025): generated by AI.",
    },
    source: "https://github.com/OPN48/cnTC260",
    example: '{"Label": "1", "ContentProducer": "example", "ProduceID": "1"}',
  },
  {
    ...{ where: labels, ...generated },
    ...{
      match: /"Label": ?"?[23]\b/,
      by: null,
      means: "Label of Chinese law (GB 45438-2025): possibly generated by AI.",
    },
    source: "https://github.com/OPN48/cnTC260",
    example: '{"Label": "3", "ContentPropagator": "example"}',
  },
  {
    ...{
      where: [
        "container:aigc_info",
        "container:comment",
        "container:description",
        "container:com.apple.quicktime.information",
      ],
      ...generated,
    },
    ...{
      match: /"aigc_label_type": ?[1-9]/,
      by: null,
      means: "TikTok's label: made or changed with AI, as its author or TikTok says.",
    },
    source: "https://support.tiktok.com/en/using-tiktok/creating-videos/ai-generated-content",
    example: '{"aigc_label_type": 1}',
  },
  // Editors and platforms: where a file has been, and nothing more
  {
    ...{ where: ["container:comment"], ...neutral },
    ...{ match: /^vid:v[0-9a-z]{20,}/, means: "Number of a video on TikTok or Douyin." },
    source: "tags of videos that were saved from TikTok",
    example: "vid:v12044gd0000abcdefghijklmnop",
  },
  {
    ...{ where: ["container:aigc_info"], ...neutral },
    ...{ match: /"aigc_label_type": ?0/, means: "TikTok's label: no AI was declared." },
    source: "https://support.tiktok.com/en/using-tiktok/creating-videos/ai-generated-content",
    example: '{"aigc_label_type": 0}',
  },
  {
    ...{
      where: [
        "container:com.apple.quicktime.artwork",
        "container:artwork",
        "container:comment",
        "container:com.apple.quicktime.information",
      ],
      ...neutral,
    },
    ...{ match: /"(?:product|source_type)": ?"(?:lv|vicut|capcut|jianying)"/i, means: "Edited in CapCut." },
    source: "tags of videos that were exported from CapCut",
    example: '{"data": {"product": "vicut", "source_type": "vicut"}}',
  },
  {
    ...{ where: ["container:handler_name"], ...neutral },
    ...{
      match: /^ISO Media file produced by Google/,
      means: "Encoded by YouTube or another service of Google.",
    },
    source: "https://ffmpeg.org/ffprobe.html",
    example: "ISO Media file produced by Google Inc. Created on: 01/02/2025.",
  },
  {
    ...{ where: programs, ...neutral },
    ...{
      match: /^(?:Lav[fc]|HandBrake|libebml|Google)/,
      means: "Program that packed the file; it tells nothing of the pictures.",
    },
    source: "https://ffmpeg.org/ffmpeg-formats.html#Metadata-2",
    example: "Lavf59.27.100",
  },
  {
    ...{ where: programs, ...neutral },
    ...{
      match:
        /\b(?:Photoshop|Lightroom|Premiere|After Effects|GIMP|Snapseed|Canva|PicsArt|Facetune|FaceApp|Remini|Affinity|Capture One|Pixelmator|darktable|Final Cut|DaVinci|InShot|CapCut)\b/i,
      means: "Saved by an editor.",
    },
    source: exifTags,
    example: "Adobe Photoshop 26.0 (Windows)",
  },
  // What any file may say
  {
    where: ["exif:Make"],
    ...neutral,
    match: /\S/,
    means: "Maker of the camera.",
    source: exifTags,
    example: "Canon",
  },
  {
    where: ["exif:Model"],
    ...neutral,
    match: /\S/,
    means: "Model of the camera.",
    source: exifTags,
    example: "Canon EOS R6",
  },
  {
    where: ["exif:Artist", "iptc:By-line", "xmp:creator"],
    ...neutral,
    match: /\S/,
    means: "Author.",
    source: exifTags,
    example: "Ada",
  },
  {
    where: ["exif:DateTimeOriginal"],
    ...neutral,
    match: /\d/,
    means: "Time of the recording.",
    source: exifTags,
    example: "2026:01:02 03:04:05",
  },
  {
    where: ["exif:DateTime", "xmp:ModifyDate"],
    ...neutral,
    match: /\d/,
    means: "Time of the last change.",
    source: exifTags,
    example: "2026:01:02 03:04:05",
  },
  {
    where: ["xmp:CreateDate", "container:creation_time", "container:com.apple.quicktime.creationdate"],
    ...neutral,
    match: /\d/,
    means: "Time of creation.",
    source: quicktime,
    example: "2026-01-02T03:04:05Z",
  },
  {
    where: ["container:com.apple.quicktime.make", "container:com.android.manufacturer"],
    ...neutral,
    match: /\S/,
    means: "Maker of the camera.",
    source: quicktime,
    example: "Apple",
  },
  {
    where: ["container:com.apple.quicktime.model", "container:com.android.model"],
    ...neutral,
    match: /\S/,
    means: "Model of the camera.",
    source: quicktime,
    example: "iPhone 16 Pro",
  },
  {
    where: ["container:com.apple.quicktime.software", "container:com.android.version"],
    ...neutral,
    match: /\S/,
    means: "System of the camera.",
    source: quicktime,
    example: "18.1",
  },
  {
    where: credits,
    ...neutral,
    match: /\S/,
    means: "Who is to be credited.",
    source: "https://iptc.org/standards/photo-metadata/iptc-standard/",
    example: "NASA",
  },
  {
    where: ["xmp:History"],
    ...neutral,
    match: /\S/,
    means: "Steps that an editor recorded.",
    source: "https://developer.adobe.com/xmp/docs/XMPNamespaces/xmpMM/",
    example: "saved, Adobe Photoshop",
  },
  {
    where: ["text:Comment"],
    ...neutral,
    match: /^(?:CREATOR: gd-jpeg|Lavc\d|Created with (?:The )?GIMP)/,
    means: "Program that saved the file.",
    source:
      "https://github.com/libgd/libgd/blob/master/src/gd_jpeg.c, libavcodec/mjpegenc_common.c of FFmpeg",
    example: "CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90",
  },
  {
    where: programs,
    ...neutral,
    match: /\S/,
    means: "Program that saved the file.",
    source: exifTags,
    example: "Paint 1.0",
  },
];

/** Characters of a value that are looked at. */
const MAX_MATCHED = 100_000;

const kinds: Readonly<Record<string, EvidenceKind>> = {
  text: "text",
  exif: "exif",
  iptc: "iptc",
  xmp: "xmp",
  container: "container",
};

/** What the fields of a file's metadata mean; fields that no row knows are passed over. */
export function readTraces(fields: readonly Field[]): Statement[] {
  return fields.flatMap((field) => readField(field) ?? []);
}

function readField({ where, value }: Field): Statement | null {
  const kind = kinds[where.slice(0, where.indexOf(":"))] ?? "text";
  const found = { kind, where, value: clean(value), signed: false };
  if (/:(?:DigitalSourceType|Digital Source Type)$/i.test(where)) {
    const term = sourceTypeTerm(value);
    if (term !== null) return { ...found, ...sourceTypes[term]!, by: null };
    return {
      ...found,
      means: `A source type that the vocabulary (${iptcTerms}) does not have.`,
      declares: null,
      by: null,
    };
  }
  const text = value.slice(0, MAX_MATCHED);
  const trace = traces.find((row) => row.where.includes(where) && row.match.test(text));
  if (!trace) return null;
  const { means, declares, by } = trace;
  return {
    ...found,
    means,
    declares,
    by: by ?? (declares !== null && trace.match.exec(text)?.[0] ? named(text, trace) : null),
  };
}

/** The generator as the file calls it; labels hold JSON and name none. */
function named(text: string, { match }: Trace): string | null {
  const found = match.exec(text)?.[0] ?? "";
  return found.startsWith('"') ? null : clean(found, 60);
}
