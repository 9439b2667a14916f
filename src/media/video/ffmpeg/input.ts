import { resolve } from 'node:path'

/** 8192 x 4320: larger than any video that is shot. */
export const VIDEO_MAX_PIXELS = 35_389_440

/**
 * Without these a playlist that calls itself .mp4 reads other files of this machine, or the network.
 * Everything that may follow another file (hls, dash, concat, ...) is missing from the list on purpose.
 */
const SAFE_INPUT = [
  '-protocol_whitelist',
  'file',
  '-format_whitelist',
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,ogg,asf,flv,gif',
  '-max_pixels',
  String(VIDEO_MAX_PIXELS),
]

/** Arguments to read a file that nobody trusts. `before` are input options, such as where to seek to. */
export function inputArguments(path: string, before: readonly string[] = []): string[] {
  // '0:V:0' is the first video that is not cover art.
  return [
    ...['-nostdin', '-hide_banner', '-nostats', ...SAFE_INPUT, ...before],
    ...['-i', `file:${resolve(path)}`, '-an', '-sn', '-dn', '-map', '0:V:0'],
  ]
}
