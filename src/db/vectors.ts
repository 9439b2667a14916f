import type { TransactionSql } from './client.ts'
import { unitLiteral } from './search-vectors.ts'
import { sketch } from './vector-sketch.ts'

export interface NewEmbedding {
  model: string
  frameMs: number
  part: number
  vector: Float32Array
}

/** All vectors that some encoders made of an upload. */
export interface NewVectors {
  /** Fingerprints. One of which there is no vector found nothing in it that it knows. */
  readonly encoders: readonly string[]
  readonly embeddings: readonly NewEmbedding[]
}

/** The "time" of a vector that stands for the description as a whole. */
export const DESCRIPTION_FRAME = -1

/** Puts the vectors of some encoders in the place of those they made before, and notes that they have been here. */
export async function replaceVectors(
  tx: TransactionSql,
  id: string,
  userId: string,
  { encoders, embeddings }: NewVectors,
): Promise<void> {
  await Promise.all([
    // Begun here, and so before the others: a query that is only made begins when somebody waits for it.
    tx`delete from embeddings where upload_id = ${id} and model = any(${[...encoders]})`.execute(),
    insertEmbeddings(tx, id, userId, embeddings),
    tx`
      insert into embedded_uploads ${tx(encoders.map((model) => ({ model, uploadId: id })))}
      on conflict (upload_id, model) do update set error_code = null`,
  ])
}

/** Lets the upload be missing to all encoders but these, so that they come by once more when their pack is used again. */
export async function forgetOtherEncoders(tx: TransactionSql, id: string, encoders: readonly string[]): Promise<void> {
  await tx`delete from embedded_uploads where upload_id = ${id} and model <> all(${[...encoders]})`
}

/** Keeps vectors, each with its sketch. Deleting a vector deletes the sketch. */
export async function insertEmbeddings(
  tx: TransactionSql,
  id: string,
  userId: string,
  embeddings: readonly NewEmbedding[],
): Promise<void> {
  if (embeddings.length === 0) return
  const owned = embeddings.map(({ vector, ...place }) => ({ vector, row: { uploadId: id, userId, ...place } }))
  await Promise.all([
    tx`insert into embeddings ${tx(owned.map(({ vector, row }) => ({ ...row, vector: unitLiteral(vector) })))}`,
    tx`insert into vector_sketches ${tx(owned.map(({ vector, row }) => ({ ...row, bits: sketch(vector) })))}`,
  ])
}
