/** Forms that no rule below leads back to their lemma, of words that pictures and their captions are full of. */
const IRREGULAR: ReadonlyMap<string, string> = new Map(
  [
    'people person, men man, women woman, children child, mice mouse, geese goose, feet foot, teeth tooth, oxen ox',
    'wolves wolf, leaves leaf, loaves loaf, calves calf, shelves shelf, scarves scarf, halves half, thieves thief',
    'knives knife, wives wife, lives life, hooves hoof, elves elf, cacti cactus, fungi fungus, doughnuts doughnut',
    'rode ride, ridden ride, ran run, sat sit, stood stand, ate eat, eaten eat, drank drink, drunk drink, flew fly',
    'flown fly, swam swim, swum swim, drove drive, driven drive, wore wear, worn wear, held hold, caught catch',
    'threw throw, thrown throw, slept sleep, lying lie, lay lie, lain lie, hung hang, took take, taken take',
    'made make, wrote write, written write, fed feed, fought fight, sang sing, sung sing, blew blow, grew grow',
    'grown grow, shone shine, gave give, given give, went go, gone go, came come, seen see, bought buy, sold sell',
    'built build, bit bite, bitten bite, broke break, broken break, fell fall, fallen fall, spun spin, dug dig',
  ]
    .join(', ')
    .split(', ')
    .map((pair): [string, string] => {
      const [form = '', lemma = ''] = pair.split(' ')
      return [form, lemma]
    }),
)

/**
 * Endings and what stands for them, tried in this order. After morphy(7WN), with the doubled consonants
 * (`biggest`, `sledding`) that it leaves to its exception lists.
 */
const ENDINGS: readonly (readonly [RegExp, string])[] = [
  [/ies$/, 'y'],
  [/(ss|x|z|ch|sh|o)es$/, '$1'],
  [/ses$/, 's'],
  [/s$/, ''],
  [/ves$/, 'f'],
  [/men$/, 'man'],
  [/([a-z])\1(?:ing|ed|er|est)$/, '$1'],
  [/(?:ing|ed|er|est)$/, ''],
  [/(?:ing|ed|er|est)$/, 'e'],
  [/i(?:ed|er|est)$/, 'y'],
]

/**
 * The dictionary form of a lower-case word, or undefined when no form of it is in the dictionary.
 * Of several words (`hot dogs`) the last one is inflected.
 */
export function findLemma(word: string, isKnown: (lemma: string) => boolean): string | undefined {
  const irregular = IRREGULAR.get(word)
  if (irregular !== undefined && isKnown(irregular)) return irregular
  if (isKnown(word)) return word
  for (const [ending, stem] of ENDINGS) {
    const lemma = word.replace(ending, stem)
    if (lemma !== word && lemma.length > 1 && isKnown(lemma)) return lemma
  }
  return undefined
}
