import { createCaptioner } from '../basic/captioner.ts'
import type { Inference } from '../basic/inference.ts'
import { CAPTION_VERSION } from '../basic/preprocessing.ts'
import { fingerprintFiles, WEIGHTS } from '../basic/weights.ts'
import type { CaptionerManifest } from '../manifest.ts'
import { openFlorence2 } from './florence-2.ts'
import { BLANK, type CaptionerDeps, type OpenedCaptioner } from './sentence-captioner.ts'
import { openVitGpt2 } from './vit-gpt2.ts'

/** @throws AppError MODEL_FAILED when a file of the captioner is missing or says nothing that can be used. */
export function openCaptioner(deps: CaptionerDeps<CaptionerManifest>): Promise<OpenedCaptioner> {
  const { manifest } = deps
  switch (manifest.kind) {
    case 'basic':
      return openBasic(deps.pictures)
    case 'vit-gpt2':
      return openVitGpt2({ ...deps, manifest })
    case 'florence-2':
      return openFlorence2({ ...deps, manifest })
  }
}

/** The captioner of the basic pack, in the threads of this one. */
async function openBasic(pictures: Inference): Promise<OpenedCaptioner> {
  const fingerprint = await fingerprintFiles(`basic-caption-${CAPTION_VERSION}`, Object.values(WEIGHTS))
  const captioner = createCaptioner(pictures, fingerprint)
  return { captioner, warm: () => captioner.describe(BLANK, { priority: 'query' }) }
}
