import type { Stage } from '../stage.ts'

/** Reads what the file says about itself: size, length, date, place, camera. */
export const probe: Stage = {
  name: 'probe',
  status: 'analyzing',
  shows: 'probing',
  async run(attempt) {
    const found = await attempt.probe()
    const changes = {
      width: found.width,
      height: found.height,
      durationSeconds: found.durationSeconds ?? null,
      takenAt: found.takenAt ?? null,
      latitude: found.latitude ?? null,
      longitude: found.longitude ?? null,
      camera: found.camera ?? null,
      metadata: found.metadata,
    }
    return { outcome: 'done', changes }
  },
}
