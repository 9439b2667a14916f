import type { Original } from './originals.ts'
import type { Random } from './random.ts'

/** What nobody may reach by handing over a file. */
export interface Bait {
  /** A text file and a film on this machine, and an address that somebody listens at. */
  textPath: string
  videoPath: string
  address: string
}

type Maker = (bait: Bait, random: Random, original: (extension: string) => Original) => [string, Buffer]

const text = (lines: readonly string[]) => Buffer.from(`${lines.join('\n')}\n`)

/** Files that ask whoever opens them to open something else. None of them may become a picture of what they name. */
export const REFERENCES: Readonly<Record<string, Maker>> = {
  'hls playlist of a file': ({ textPath, videoPath }, random) => [
    random.pick(['mp4', 'mov', 'm3u8', 'ts', 'jpg']),
    text([
      '#EXTM3U',
      '#EXT-X-TARGETDURATION:10',
      `#x${random.below(1e9)}`,
      '#EXTINF:10,',
      `file://${random.pick([textPath, videoPath])}`,
      '#EXT-X-ENDLIST',
    ]),
  ],

  'hls playlist of an address': ({ address }, random) => [
    random.pick(['mp4', 'avi', 'm3u8']),
    text(['#EXTM3U', '#EXT-X-MEDIA-SEQUENCE:0', '#EXTINF:10,', `${address}/${random.below(1e9)}.ts`, '#EXT-X-ENDLIST']),
  ],

  'hls playlist behind the head of a film': ({ textPath }, random, original) => [
    random.pick(['mp4', 'mov']),
    Buffer.concat([
      original('mp4').bytes.subarray(0, 32),
      text(['', '#EXTM3U', '#EXTINF:10,', `concat:${textPath}|file://${textPath}`, `#${random.below(1e9)}`]),
    ]),
  ],

  'hls playlist in the subtitles of an avi': ({ textPath, address }, random, original) => {
    const playlist = text([
      'GAB2',
      '#EXTM3U',
      '#EXTINF:10,',
      `file://${textPath}`,
      '#EXTINF:10,',
      `${address}/${random.below(1e9)}`,
    ])
    return ['avi', Buffer.concat([original('avi').bytes, playlist])]
  },

  'ffconcat script': ({ textPath, videoPath }, random) => [
    random.pick(['mp4', 'txt', 'mov']),
    text(['ffconcat version 1.0', `file '${random.pick([videoPath, textPath])}'`, `duration ${1 + random.below(1e6)}`]),
  ],

  'dash manifest': ({ videoPath, address }, random) => [
    random.pick(['mp4', 'mpd', 'webm']),
    text([
      '<?xml version="1.0"?>',
      `<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT${1 + random.below(1e6)}S">`,
      '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1" codecs="avc1">',
      `<BaseURL>${random.pick([`file://${videoPath}`, `${address}/dash`])}</BaseURL>`,
      '</Representation></AdaptationSet></Period></MPD>',
    ]),
  ],

  'sdp session': ({ address }, random) => [
    'mp4',
    text([
      'v=0',
      `o=- ${random.below(1e9)} 0 IN IP4 127.0.0.1`,
      's=x',
      'c=IN IP4 127.0.0.1',
      `m=video ${new URL(address).port} RTP/AVP 96`,
    ]),
  ],

  'svg with entities': ({ textPath }, random) => [
    random.pick(['svg', 'png', 'jpg']),
    text([
      `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a SYSTEM "file://${textPath}"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>`,
      `<svg xmlns="http://www.w3.org/2000/svg" width="${random.below(1e6)}" height="9"><text>&c;</text></svg>`,
    ]),
  ],

  'svg with pictures': ({ textPath, address }, random) => [
    random.pick(['svg', 'webp']),
    text([
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="${random.below(1e6)}">`,
      `<image xlink:href="file://${textPath}"/><image href="${address}/svg"/><script>fetch("${address}")</script></svg>`,
    ]),
  ],

  'mov with its data in another file': ({ videoPath }, random, original) => [
    'mov',
    redirected(original('mov').bytes, `file://${videoPath}`, random),
  ],

  'mov with its data at an address': ({ address }, random, original) => [
    'mp4',
    redirected(original('mp4').bytes, `${address}/${random.below(1e9)}.mov`, random),
  ],

  'quicktime that refers to another film': ({ videoPath, address }, random) => {
    const target = Buffer.from(`${random.pick([`file://${videoPath}`, `${address}/reference`])}\0`)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(target.length)
    const reference = box('rdrf', Buffer.concat([Buffer.alloc(4), Buffer.from('url '), length, target]))
    const film = box('moov', box('rmra', box('rmda', reference)))
    return ['mov', Buffer.concat([box('ftyp', Buffer.from('qt  \0\0\0\0qt  ')), film, box('free', random.bytes(8))])]
  },
}

export function box(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(content.length + 8)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, content])
}

const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'dinf'])

/** The same film, whose data reference says that its data are elsewhere (ISO/IEC 14496-12, 8.7.2). */
function redirected(film: Buffer, target: string, random: Random): Buffer {
  const entry = box(random.pick(['url ', 'alis', 'urn ']), Buffer.concat([Buffer.alloc(4), Buffer.from(`${target}\0`)]))
  const reference = box('dref', Buffer.concat([Buffer.from('0000000000000001', 'hex'), entry]))
  const rewrite = (bytes: Buffer): Buffer => {
    const boxes: Buffer[] = []
    for (let offset = 0; offset + 8 <= bytes.length; ) {
      const size = Math.max(8, bytes.readUInt32BE(offset))
      const type = bytes.toString('latin1', offset + 4, offset + 8)
      const content = bytes.subarray(offset + 8, offset + size)
      if (type === 'dref') boxes.push(reference)
      else boxes.push(CONTAINERS.has(type) ? box(type, rewrite(content)) : box(type, Buffer.from(content)))
      offset += size
    }
    return Buffer.concat(boxes)
  }
  return Buffer.concat([rewrite(film), box('free', random.bytes(8))])
}
