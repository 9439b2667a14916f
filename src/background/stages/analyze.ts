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
    // Of a single picture, the part of its text that is written; a video goes frame by frame.
    const onToken =
      pictures.length > 1 ? undefined : throttle((part) => report('vision_analysis', { done: part, of: 1 }))
    const frames: { timeMs: number; caption: Caption }[] = []
    for (const [index, picture] of pictures.entries()) {
      signal.throwIfAborted()
      if (pictures.length > 1) report('vision_analysis', { done: index, of: pictures.length })
      const before = picture.repeats ? frames.at(-1)?.caption : undefined
      const caption = before ?? (await models.captioner.describe(picture, { signal, priority, onToken }))
      frames.push({ timeMs: picture.timeMs, caption })
    }
    const [first] = frames
    const whole = upload.fileType === 'image' && first ? first.caption : models.captioner.combine(frames)
    report('description_audit')
    const changes = {
      description: whole.text,
      ocrText: whole.ocrText,
      objects: whole.objects,
      descriptionAuditScore: auditDescription(whole.text),
      describedBy: models.captioner.fingerprint,
      frames:
        upload.fileType === 'video' ? frames.map(({ timeMs, caption }) => ({ timeMs, description: caption.text })) : [],
    }
    return { outcome: 'done', changes, model: models.captioner.fingerprint }
  },
}

/** More often, the news of a text would be mostly about itself: a fast captioner writes a token in 8 ms. */
const TOKEN_REPORT_MS = 250

function throttle(report: (part: number) => void): (count: number, most: number) => void {
  let reportedMs = 0
  return (count, most) => {
    const nowMs = performance.now()
    if (nowMs - reportedMs < TOKEN_REPORT_MS) return
    reportedMs = nowMs
    report(count / most)
  }
}
