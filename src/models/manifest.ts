import { type Static, Type } from 'typebox'

/**
 * What a model pack is made of: a JSON file. Those of this program are in `models/packs/`; a user may write others.
 * Paths are relative to their source and use `/`; a pack is installed as `<data>/models/<pack>/<source>/<path>`.
 */

/** A name that is safe as a folder on every system. */
export const PACK_NAME = '^[a-z0-9][a-z0-9-]{0,39}$'
/** Relative, no empty part, no part that begins with a dot, no backslash: it cannot leave its folder. */
export const PACK_PATH = '^(?!/)(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9_][A-Za-z0-9._-]*$'

const closed = { additionalProperties: false }
const Path = Type.String({ pattern: PACK_PATH, maxLength: 200 })
const SourceName = Type.String({ pattern: PACK_NAME })

const PackFileSchema = Type.Object(
  {
    path: Path,
    bytes: Type.Optional(Type.Integer({ minimum: 0, description: 'Exact size, where it is known.' })),
    sha256: Type.Optional(
      Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Of the content, where it is known.' }),
    ),
  },
  closed,
)

const SourceSchema = Type.Object(
  {
    repository: Type.String({ pattern: '^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$', description: 'owner/name on the hub.' }),
    revision: Type.String({ minLength: 1, maxLength: 100, description: 'A commit, or "main" where none is pinned.' }),
    licence: Type.String({ minLength: 1, maxLength: 200 }),
    files: Type.Array(PackFileSchema, { minItems: 1, maxItems: 100 }),
  },
  closed,
)

/** A pair of towers with the graph inputs and outputs of CLIP or SigLIP exports (`pixel_values`, `input_ids`). */
const EncodersSchema = Type.Object(
  {
    kind: Type.Enum(['clip', 'siglip']),
    source: SourceName,
    vision: Path,
    text: Path,
    /** Cosine between a text and a picture below which a neighbour is noise. */
    relevance_floor: Type.Number({ minimum: -1, maximum: 1 }),
    tokens: Type.Object(
      {
        lowercase: Type.Boolean({
          default: false,
          description: 'The tokenizer file does not do it, the model wants it.',
        }),
        max: Type.Integer({ minimum: 2, maximum: 4096, description: 'Longer texts are cut; the last token is kept.' }),
        pad_to: Type.Optional(Type.Integer({ minimum: 2, maximum: 4096, description: 'Always exactly this many.' })),
        pad_id: Type.Optional(Type.Integer({ minimum: 0 })),
      },
      closed,
    ),
  },
  closed,
)

const Generation = {
  beams: Type.Integer({ minimum: 1, maximum: 8, default: 1 }),
  max_new_tokens: Type.Integer({ minimum: 1, maximum: 1024 }),
}

/** An encoder and a merged decoder that continues a text (ViT-GPT2, distilvit). Text in the picture is read by the basic pack. */
const VitGpt2CaptionerSchema = Type.Object(
  { kind: Type.Literal('vit-gpt2'), source: SourceName, encoder: Path, decoder: Path, ...Generation },
  closed,
)

/** The four graphs of Florence-2. */
const Florence2CaptionerSchema = Type.Object(
  {
    kind: Type.Literal('florence-2'),
    source: SourceName,
    vision: Path,
    embed: Path,
    encoder: Path,
    decoder: Path,
    caption_prompt: Type.String({ minLength: 1, maxLength: 500 }),
    ocr_prompt: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    /** Side of the square that the model sees; unset: what preprocessor_config.json says. */
    image_size: Type.Optional(Type.Integer({ minimum: 32, maximum: 2048 })),
    ...Generation,
  },
  closed,
)

/** Detection and text reading of the basic pack, for packs that only bring encoders. */
const BasicCaptionerSchema = Type.Object({ kind: Type.Literal('basic') }, closed)

export const PackManifestSchema = Type.Object(
  {
    name: Type.String({ pattern: PACK_NAME }),
    summary: Type.String({ minLength: 1, maxLength: 300 }),
    sources: Type.Record(SourceName, SourceSchema),
    encoders: EncodersSchema,
    captioner: Type.Union([VitGpt2CaptionerSchema, Florence2CaptionerSchema, BasicCaptionerSchema]),
    costs: Type.Object(
      {
        download_bytes: Type.Optional(
          Type.Integer({ minimum: 0, description: 'Of all files, about, where not all sizes are known.' }),
        ),
        memory_bytes: Type.Integer({ minimum: 0, description: 'Of one worker with everything loaded, about.' }),
        seconds_per_photo: Type.Number({ minimum: 0, description: 'On two ordinary cores, about.' }),
      },
      closed,
    ),
  },
  closed,
)

export type PackManifest = Static<typeof PackManifestSchema>
export type EncodersManifest = Static<typeof EncodersSchema>
export type CaptionerManifest = PackManifest['captioner']
