import { auditDescription } from '../../models/audit.ts'
import type { Caption } from '../../models/pack.ts'
import type { Stage } from '../stage.ts'

/** Looks at the picture, or at each frame of the video, and writes down what is seen and read. */
export const analyze: Stage = {
  name: 'analyze',
  status: 'analyzing',
  shows: 'vision_analysis',
  async run({ upload, models, priority, signal, stills, report }) {
    const pictures = await stills()
    const frames: { timeMs: number; caption: Caption }[] = []
    for (const [index, picture] of pictures.entries()) {
      signal.throwIfAborted()
      if (pictures.length > 1) report('vision_analysis', { done: index, of: pictures.length })
      frames.push({ timeMs: picture.timeMs, caption: await models.captioner.describe(picture, { signal, priority }) })
    }
    const [first] = frames
    const whole = upload.fileType === 'image' && first ? first.caption : models.captioner.combine(frames)
    report('description_audit')
    const changes = {
      description: whole.text,
      ocrText: whole.ocrText,
      objects: whole.objects,
      descriptionAuditScore: auditDescription(whole.text),
      frames:
        upload.fileType === 'video' ? frames.map(({ timeMs, caption }) => ({ timeMs, description: caption.text })) : [],
    }
    return { outcome: 'done', changes, model: models.captioner.fingerprint }
  },
}
