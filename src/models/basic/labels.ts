/** How a thing is called in a sentence, alone and when there are several. */
export interface Noun {
  readonly one: string
  readonly many: string
}

/**
 * The 80 classes of COCO 2017 (https://cocodataset.org/#explore) in the order of the detector's class numbers.
 * These names are what `DetectedObject.label` holds.
 */
export const LABELS = [
  ...['person', 'bicycle', 'car', 'motorcycle', 'airplane', 'bus', 'train', 'truck', 'boat', 'traffic light'],
  ...['fire hydrant', 'stop sign', 'parking meter', 'bench', 'bird', 'cat', 'dog', 'horse', 'sheep', 'cow'],
  ...['elephant', 'bear', 'zebra', 'giraffe', 'backpack', 'umbrella', 'handbag', 'tie', 'suitcase', 'frisbee'],
  ...['skis', 'snowboard', 'sports ball', 'kite', 'baseball bat', 'baseball glove', 'skateboard', 'surfboard'],
  ...['tennis racket', 'bottle', 'wine glass', 'cup', 'fork', 'knife', 'spoon', 'bowl', 'banana', 'apple'],
  ...['sandwich', 'orange', 'broccoli', 'carrot', 'hot dog', 'pizza', 'donut', 'cake', 'chair', 'couch'],
  ...['potted plant', 'bed', 'dining table', 'toilet', 'tv', 'laptop', 'mouse', 'remote', 'keyboard', 'cell phone'],
  ...['microwave', 'oven', 'toaster', 'sink', 'refrigerator', 'book', 'clock', 'vase', 'scissors', 'teddy bear'],
  ...['hair drier', 'toothbrush'],
] as const

/** Labels that do not read well as they are, or whose plural is not the regular one. */
const IRREGULAR: Readonly<Record<string, Noun | undefined>> = {
  person: { one: 'a person', many: 'people' },
  sheep: { one: 'a sheep', many: 'sheep' },
  mouse: { one: 'a computer mouse', many: 'computer mice' },
  knife: { one: 'a knife', many: 'knives' },
  scissors: { one: 'a pair of scissors', many: 'pairs of scissors' },
  skis: { one: 'a pair of skis', many: 'pairs of skis' },
  broccoli: { one: 'broccoli', many: 'pieces of broccoli' },
  tv: { one: 'a TV', many: 'TVs' },
  remote: { one: 'a remote control', many: 'remote controls' },
  'sports ball': { one: 'a ball', many: 'balls' },
  'hair drier': { one: 'a hair dryer', many: 'hair dryers' },
}

/** The noun of a label: "an airplane", "airplanes". */
export function nounOf(label: string): Noun {
  return IRREGULAR[label] ?? { one: `${/^[aeiou]/.test(label) ? 'an' : 'a'} ${label}`, many: pluralOf(label) }
}

function pluralOf(label: string): string {
  return /(s|x|ch|sh)$/.test(label) ? `${label}es` : `${label}s`
}
