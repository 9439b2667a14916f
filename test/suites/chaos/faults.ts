import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Bytes, video } from '../../helpers/samples.ts'
import { createServerDatabase } from '../../helpers/server-database.ts'
import { clockSetBack } from './faults/clock-set-back.ts'
import { crashFile } from './faults/crash-file.ts'
import { cutConnections } from './faults/cut-connections.ts'
import { databaseAway } from './faults/database-away.ts'
import { databaseSilent } from './faults/database-silent.ts'
import { endedThread } from './faults/ended-threads.ts'
import type { Trial } from './faults/fault.ts'
import { fullDatabaseDisk, fullDisk } from './faults/full-disk.ts'
import { hangingFfmpeg } from './faults/hanging-ffmpeg.ts'
import { killAtStages } from './faults/kill-at-stages.ts'
import { readOnlyDisk } from './faults/read-only-disk.ts'

const run = promisify(execFile)

type Fault = (trial: Trial, film: Bytes) => Promise<void>

const OF_THE_EMBEDDED_DATABASE: Readonly<Record<string, Fault>> = {
  'the thread of the database dies': (trial) => endedThread(trial, 'database'),
  'a full disk of the database': (trial) => fullDatabaseDisk(trial),
  'a disk that can only be read': readOnlyDisk,
}
const OF_A_DATABASE_SERVER: Readonly<Record<string, Fault>> = {
  'the connections to the database are cut': cutConnections,
  'the server of the database is away': databaseAway,
  'the server of the database is silent': databaseSilent,
}

/** Everything that is done to the server besides killing it at random. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'killed at each stage': killAtStages,
  'a file that kills': crashFile,
  'a thread of the models dies': (trial) => endedThread(trial, 'models'),
  'a full disk': fullDisk,
  'the clock is set back': clockSetBack,
  'an ffmpeg that hangs': hangingFfmpeg,
  ...(process.env.TEST_DATABASE_URL === undefined ? OF_THE_EMBEDDED_DATABASE : OF_A_DATABASE_SERVER),
}

/** A short film, made by the system's ffmpeg; undefined when there is none. */
export async function makeFilm(): Promise<Bytes | undefined> {
  const hasFfmpeg = await run('ffmpeg', ['-version']).then(
    () => true,
    () => false,
  )
  if (!hasFfmpeg) return undefined
  return withFolder((folder) => video('ffmpeg', join(folder, 'film.mp4')))
}

/**
 * Runs a trial on an empty data folder, and on a new database of its own when the suites are run on a PostgreSQL. Servers
 * are started with the environment of this process, so that is where they are told.
 */
export async function withDataDir<T>(work: (dataDir: string) => Promise<T>): Promise<T> {
  const database = await createServerDatabase()
  if (database !== undefined) process.env.DATABASE_URL = database.url
  try {
    return await withFolder(work)
  } finally {
    await database?.drop()
  }
}

/** Runs something with an empty folder, which is removed afterwards. */
async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-chaos-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
