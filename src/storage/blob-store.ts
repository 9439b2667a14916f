import type { Readable } from 'node:stream'

/** A file that arrived whole and is durable under a temporary name. Either `commit` it or `discard` it. */
export interface StagedFile {
  /** Absolute path of the temporary file, for sniffing. */
  readonly path: string
  readonly sizeBytes: number
  /** SHA-256 of the content, lower-case hex. */
  readonly sha256: string
  /** The first bytes, at most 64 KiB: a small file need not be read again to be known. */
  readonly head: Uint8Array
}

export interface ReceiveOptions {
  /** The most bytes to take; one more throws UPLOAD_TOO_LARGE and leaves nothing behind. */
  maxBytes: number
  signal?: AbortSignal | undefined
}

/** A half-open range of bytes, as HTTP's `Range` after parsing: `end` is inclusive. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * Where the bytes live. Keys are relative POSIX paths such as `media/<user>/<upload>/original.jpg`;
 * a key that would leave the store throws. Every implementation passes the same conformance suite.
 */
export interface BlobStore {
  /** Streams to a temporary file while hashing, then fsyncs. On any error the temporary file is gone. */
  receive(source: Readable, options: ReceiveOptions): Promise<StagedFile>
  /** How many files wait at this moment for their bytes to be written, and not for whoever sends them. */
  writing(): number
  /** Moves a staged file to its final name, durably: when this resolves, a power cut loses nothing. */
  commit(staged: StagedFile, key: string): Promise<void>
  /** Forgets a staged file. Never throws for a file that is already gone. */
  discard(staged: StagedFile): Promise<void>
  /** Writes a small derived file (a rendition) whole: readers see the old one or the new one, never a half. */
  put(key: string, bytes: Uint8Array): Promise<void>
  /** Size and last change, or undefined if there is no such blob. */
  stat(key: string): Promise<{ sizeBytes: number; modifiedAt: Date } | undefined>
  /** A stream of the blob or of one range of it. Throws FILE_MISSING if there is no such blob. */
  open(key: string, range?: ByteRange): Promise<Readable>
  /** An absolute path at which the blob can be read by a tool that wants a file (ffmpeg, sharp). Throws FILE_MISSING. */
  localPath(key: string): Promise<string>
  /** Removes a folder of blobs. Removing what is not there is not an error. */
  removeFolder(prefix: string): Promise<void>
  /** Moves a folder of blobs out of sight, where `removeSetAside` finds it when its time has come. One that is gone is left. */
  setAside(prefix: string): Promise<void>
  /** Removes for good what was set aside before a moment. Returns how many folders went. */
  removeSetAside(before: Date): Promise<number>
  /** Names of the direct sub-folders of a folder, streamed; none if the folder does not exist. */
  listFolders(prefix: string): AsyncIterable<string>
  /** Throws away every temporary file. Call it at start, before anything is received. Returns how many went. */
  sweepTemporary(): Promise<number>
  /** Lets the changes under way end; from then on those that would write throw NOT_READY. Idempotent. */
  close(): Promise<void>
}
