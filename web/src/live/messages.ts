import type { ModelsProgress } from '../../../src/schemas/model-packs.ts'
import type { BatchProgress, UploadProgress } from '../../../src/schemas/progress.ts'

export type { BatchProgress, ModelsProgress, UploadProgress }

/** What the server says on /ws, as far as this page listens to it. */
export type ServerMessage = { readonly seq: number; readonly timestamp: string } & (
  | { readonly action: 'auth_success' | 'auth_error' | 'ping' | 'error' }
  | {
      readonly action: 'snapshot'
      readonly payload: { readonly uploads: UploadProgress[]; readonly batches: BatchProgress[] }
    }
  | { readonly action: 'upload_progress' | 'upload_completed' | 'upload_failed'; readonly payload: UploadProgress }
  | { readonly action: 'batch_progress' | 'batch_completed'; readonly payload: BatchProgress }
  | { readonly action: 'models_progress'; readonly payload: ModelsProgress }
)
