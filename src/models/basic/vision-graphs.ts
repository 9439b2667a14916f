import { type ConvertedOutput, convertGraphModel } from '../tfjs/convert.ts'
import { loadGraphModel } from '../tfjs/graph-model.ts'
import { DETECTOR_SIDE } from './detection.ts'
import { EMBEDDER_SIDE } from './preprocessing.ts'
import { VISION_GRAPHS, WEIGHTS } from './weights.ts'

/**
 * Converts the detector's file, when the program is built, into two graphs:
 * The detector: `image` uint8 [1,512,512,3] -> `detections` float32 [1,100,6].
 * The embedder is its backbone, averaged over the picture: `image` uint8 [1,224,224,3] -> `features` float32 [1,120];
 * the last block of MobileNetV3, before the head widens it: of the layers tried, the one whose neighbours are alike.
 * @returns the bytes of the ONNX models, by their places in the compiled code.
 */
export async function convertVisionGraphs(): Promise<Record<string, Uint8Array>> {
  const model = await loadGraphModel(WEIGHTS.detector)
  const convert = (output: ConvertedOutput, side: number) =>
    convertGraphModel(model, { outputs: [output], inputSize: [side, side] })
  return {
    [VISION_GRAPHS.detector]: convert({ node: 'tower_0/detections', as: 'detections' }, DETECTOR_SIDE),
    [VISION_GRAPHS.embedder]: convert(
      { node: 'tower_0/MobilenetV3/expanded_conv_14/add', as: 'features', pool: 'average' },
      EMBEDDER_SIDE,
    ),
  }
}
