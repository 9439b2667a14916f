import type { BatchItemRow, BatchRow } from '../db/batches.ts'
import type { StageRunRow, UploadRow } from '../db/uploads.ts'
import { toBatchProgress } from '../progress.ts'
import type { Batch, BatchItem } from '../schemas/batches.ts'
import type { StageRun, Upload } from '../schemas/uploads.ts'

/** Rows as the API shows them. */

const time = (date: Date | null) => date?.toISOString() ?? null

export function toUpload(row: UploadRow): Upload {
  const path = `/v1/uploads/${row.id}`
  return {
    id: row.id,
    filename: row.filename,
    file_type: row.fileType,
    mime_type: row.mimeType,
    file_size: row.fileSize,
    sha256: row.sha256,
    width: row.width,
    height: row.height,
    duration_seconds: row.durationSeconds,
    taken_at: time(row.takenAt),
    latitude: row.latitude,
    longitude: row.longitude,
    camera: row.camera,
    status: row.status,
    stage: row.stage,
    attempts: row.attempts,
    error_code: row.errorCode,
    error_message: row.errorMessage,
    description: row.description,
    ocr_text: row.ocrText,
    description_audit_score: row.descriptionAuditScore,
    thumbhash: row.thumbhash,
    hidden: row.hidden,
    edited: [
      ...(row.descriptionEdited ? ['description' as const] : []),
      ...(row.takenAtEdited ? ['taken_at' as const] : []),
      ...(row.placeEdited ? ['place' as const] : []),
    ],
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    processed_at: time(row.processedAt),
    links: {
      file: `${path}/file`,
      thumbnail: row.hasRenditions ? `${path}/thumbnail` : null,
      preview: row.hasRenditions ? `${path}/preview` : null,
    },
  }
}

export function toStageRun(row: StageRunRow): StageRun {
  return {
    stage: row.stage,
    attempt: row.attempt,
    outcome: row.outcome,
    reason: row.reason,
    started_at: row.startedAt.toISOString(),
    duration_ms: row.durationMs,
    error_code: row.errorCode,
    error_message: row.errorMessage,
    model: row.model,
  }
}

export function toBatch(row: BatchRow): Batch {
  const { processed, progress_percent, eta_seconds } = toBatchProgress(row)
  return {
    id: row.id,
    status: row.status,
    created_at: row.createdAt.toISOString(),
    started_at: time(row.startedAt),
    finished_at: time(row.finishedAt),
    counts: {
      total: row.total,
      accepted: row.total - row.duplicates - row.rejected,
      duplicate: row.duplicates,
      rejected: row.rejected,
      waiting: row.total - processed,
      succeeded: row.succeeded,
      failed: row.failed,
      cancelled: row.cancelled,
      deleted: row.deleted,
    },
    progress_percent,
    eta_seconds,
  }
}

export function toBatchItem(row: BatchItemRow): BatchItem {
  return {
    position: row.position,
    filename: row.filename,
    verdict: row.verdict,
    error_code: row.errorCode,
    error_message: row.errorMessage,
    upload_id: row.uploadId,
    upload_status: row.uploadStatus,
    outcome: row.outcome,
  }
}
