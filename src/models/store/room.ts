import { statfs } from 'node:fs/promises'
import { AppError } from '../../errors.ts'

/** What a file system has left for users that are not root, in bytes. */
export type FreeBytes = (folder: string) => Promise<number>

export const freeBytesOf: FreeBytes = async (folder) => {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Left for the database and the uploads of a server that runs on the same disk. */
const RESERVE_BYTES = 256 * 1024 * 1024

/** @throws AppError STORAGE_FULL saying how much is missing */
export async function assertRoom(folder: string, neededBytes: number, freeBytes: FreeBytes): Promise<void> {
  const missing = neededBytes + RESERVE_BYTES - (await freeBytes(folder))
  if (neededBytes === 0 || missing <= 0) return
  const detail = `The disk has too little room: ${megabytes(neededBytes)} are needed in ${folder}, and ${megabytes(missing)} are missing.`
  throw new AppError('STORAGE_FULL', { detail })
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`
}
