import { distinctLines } from '../basic/sentence.ts'
import type { Caption } from '../pack.ts'

/** More scenes than a person wants to read about in one sentence. */
const MAX_SCENES = 5
/** A frame's caption may be a paragraph; its first sentence says what is there. */
const SCENE_MAX_CHARACTERS = 160
/** Two captions that share so much of their words describe the same scene in other words. */
const SAME_SCENE = 0.7
/** Words that come and go between two captions of the same thing. */
const SMALL_WORDS = new Set('a an the is are of and with in on at to it its there'.split(' '))
/** Words that are written small inside a sentence; anything else may be a name. */
const SENTENCE_OPENER =
  /^(?:An?|The|This|That|There|It|In|On|Two|Three|Four|Five|Six|Several|Some|Many|People|Someone|Person)\b/

/**
 * One text for a video out of the sentences about its frames: "A video. First, a dog runs; then, two people stand in a
 * kitchen; finally, a cat sleeps." Scenes that were told before are left out, of many the most spread out are kept.
 */
export function tellVideo(captions: readonly Caption[]): Caption {
  const scenes = spread(distinctScenes(captions.map(({ text }) => firstSentence(text)).filter(Boolean)))
  const ocrText = distinctLines(captions.flatMap((caption) => caption.ocrText.split('\n'))).join('\n')
  return { text: joinScenes(scenes), ocrText, objects: [] }
}

function joinScenes(scenes: readonly string[]): string {
  const [first, ...rest] = scenes
  if (first === undefined) return 'A video.'
  if (rest.length === 0) return `A video. ${first}.`
  const told = rest.map((scene, index) => `${index === rest.length - 1 ? 'finally' : 'then'}, ${uncapitalise(scene)}`)
  return `A video. First, ${[uncapitalise(first), ...told].join('; ')}.`
}

function firstSentence(text: string): string {
  const [sentence = ''] = text.split(/(?<=[.!?…])\s/)
  const bare = sentence.replace(/[.!?…]+$/, '')
  if (bare.length <= SCENE_MAX_CHARACTERS) return bare
  return bare.slice(0, SCENE_MAX_CHARACTERS + 1).replace(/[\s,;:]+\S*$/, '')
}

function distinctScenes(scenes: readonly string[]): string[] {
  const kept: { scene: string; words: Set<string> }[] = []
  for (const scene of scenes) {
    const words = wordsOf(scene)
    if (!kept.some((other) => likeness(other.words, words) >= SAME_SCENE)) kept.push({ scene, words })
  }
  return kept.map(({ scene }) => scene)
}

function wordsOf(scene: string): Set<string> {
  const words = scene.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return new Set(words.filter((word) => !SMALL_WORDS.has(word)))
}

/** Words in both as a share of the words in either (Jaccard). */
function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const shared = [...one].filter((word) => other.has(word)).length
  const all = one.size + other.size - shared
  return all === 0 ? 1 : shared / all
}

/** The first, the last, and those between at equal distances. */
function spread(scenes: readonly string[]): string[] {
  if (scenes.length <= MAX_SCENES) return [...scenes]
  const step = (scenes.length - 1) / (MAX_SCENES - 1)
  return Array.from({ length: MAX_SCENES }, (_, index) => scenes[Math.round(index * step)] ?? '')
}

function uncapitalise(sentence: string): string {
  return SENTENCE_OPENER.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence
}
