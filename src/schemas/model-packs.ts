import { type Static, Type } from 'typebox'
import { Nullable, TimestampSchema } from './fields.ts'

const CaptionsSchema = Type.Enum(['keep', 'redo'], {
  default: 'keep',
  description: 'What becomes of descriptions that another pack wrote. Those of their owner are always kept.',
})

export const PackChoiceSchema = Type.Object(
  {
    pack: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$' }),
    captions: Type.Optional(CaptionsSchema),
    dry_run: Type.Optional(Type.Boolean({ default: false, description: 'Only says what it would take.' })),
  },
  { additionalProperties: false },
)
export type PackChoiceRequest = Static<typeof PackChoiceSchema>

export const PackPlanSchema = Type.Object({
  uploads: Type.Integer({ description: 'Developed uploads, of everybody.' }),
  missing: Type.Integer({ description: 'Those of them that the pack would have to look at.' }),
  estimated_seconds: Nullable(Type.Integer({ description: 'Measured on a few of them, now, on this machine.' })),
})

const ListedPackSchema = Type.Object({
  name: Type.String(),
  summary: Type.String(),
  licences: Type.Array(Type.String()),
  size_bytes: Nullable(Type.Integer()),
  is_installed: Type.Boolean(),
  problem: Nullable(Type.String({ description: 'Why it cannot be used, in a sentence.' })),
})

const SwitchSchema = Type.Object({
  pack: Type.String(),
  captions: CaptionsSchema,
  state: Type.Enum(['opening', 'embedding', 'failed']),
  started_at: TimestampSchema,
  total: Type.Integer({ description: 'Uploads that lacked something when it began.' }),
  done: Type.Integer(),
  given_up: Type.Integer({ description: 'Uploads of which the pack could make nothing. They keep their words.' }),
  progress_percent: Type.Integer({ minimum: 0, maximum: 100 }),
  eta_seconds: Nullable(Type.Integer()),
  error: Nullable(Type.String()),
})

const progress = {
  active: Type.String({ description: 'The pack that searches are answered from.' }),
  switching: Nullable(SwitchSchema),
}

/** How far the library is on its way to another pack, as /ws tells it. */
export const ModelsProgressSchema = Type.Object(progress)
export type ModelsProgress = Static<typeof ModelsProgressSchema>

export const ModelPacksSchema = Type.Object({
  ...progress,
  packs: Type.Array(ListedPackSchema),
})
export type ModelPacks = Static<typeof ModelPacksSchema>

export const ForgottenVectorsSchema = Type.Object({ deleted: Type.Integer({ description: 'Vectors of other packs.' }) })
