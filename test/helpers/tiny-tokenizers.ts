/** Files of the `tokenizers` library, made by hand: the parts are those of the real ones, the vocabularies are tiny. */
export interface TokenizerFiles {
  readonly tokenizer: object
  readonly config: object
  readonly vocabularySize: number
}

/** The printable stand-ins that GPT-2 gives to the 256 bytes (`bytes_to_unicode`). */
function byteLetters(): string[] {
  const printable = [range(33, 127), range(161, 173), range(174, 256)].flat()
  const others = range(0, 256).filter((byte) => !printable.includes(byte))
  return [...printable, ...others.map((_, index) => 256 + index)].map((code) => String.fromCharCode(code))
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

const special = (id: number, content: string, normalized = false) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized,
  special: true,
})

/** Byte pairs that build a word from its left. */
function mergesOf(word: string, end: string): [string, string][] {
  const letters = [...word]
  const parts = letters.map((letter, index) => (index === letters.length - 1 ? letter + end : letter))
  return parts.slice(1).map((part, index) => [parts.slice(0, index + 1).join(''), part])
}

/** CLIP's: these words have the ids that they have in the real vocabulary. */
export const CLIP_WORDS = { hello: 3306, world: 1002, red: 736, green: 1901, blue: 1746 } as const
const CLIP_START = 49406
const CLIP_END = 49407

export function clipTokenizer(): TokenizerFiles {
  const letters = byteLetters()
  const vocabulary: Record<string, number> = {}
  for (const [index, letter] of letters.entries()) {
    vocabulary[letter] = index
    vocabulary[`${letter}</w>`] = 256 + index
  }
  let next = 40_000
  const merges: [string, string][] = []
  for (const [word, id] of Object.entries(CLIP_WORDS)) {
    for (const pair of mergesOf(word, '</w>')) {
      merges.push(pair)
      const joined = pair.join('')
      vocabulary[joined] ??= joined === `${word}</w>` ? id : next++
    }
  }
  vocabulary['<|startoftext|>'] = CLIP_START
  vocabulary['<|endoftext|>'] = CLIP_END
  const pattern = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [special(CLIP_START, '<|startoftext|>', true), special(CLIP_END, '<|endoftext|>')],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: pattern }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: ['<|endoftext|>', CLIP_END],
      cls: ['<|startoftext|>', CLIP_START],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: bpe({ unk_token: '<|endoftext|>', end_of_word_suffix: '</w>', vocab: vocabulary, merges: joined(merges) }),
  }
  return { tokenizer, config: { tokenizer_class: 'CLIPTokenizer', model_max_length: 77 }, vocabularySize: 49_408 }
}

/** SigLIP 2's (Gemma): spaces are ▁, unknown letters are bytes, an end token is added, capitals are kept. */
export const SIGLIP_WORDS = ['red', 'green', 'blue', 'photo'] as const

export function siglipTokenizer(): TokenizerFiles & { readonly idOf: (word: string) => number } {
  const vocabulary: Record<string, number> = { '<pad>': 0, '<eos>': 1, '<bos>': 2, '<unk>': 3, '▁': 4 }
  for (let byte = 0; byte < 256; byte++) {
    vocabulary[`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`] = 5 + byte
  }
  let next = 261
  const merges: [string, string][] = []
  const learn = (word: string) => {
    for (const letter of word) vocabulary[letter] ??= next++
    for (const pair of mergesOf(word, '')) {
      merges.push(pair)
      vocabulary[pair.join('')] ??= next++
    }
  }
  for (const word of SIGLIP_WORDS) {
    learn(word)
    merges.push(['▁', word])
    vocabulary[`▁${word}`] = next++
  }
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: ['<pad>', '<eos>', '<bos>', '<unk>'].map((content, id) => special(id, content)),
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false },
    post_processor: ending('<eos>', 1),
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
      ],
    },
    model: bpe({ unk_token: '<unk>', fuse_unk: true, byte_fallback: true, vocab: vocabulary, merges: joined(merges) }),
  }
  const idOf = (word: string) => vocabulary[word] ?? 3
  return { tokenizer, config: { tokenizer_class: 'GemmaTokenizer' }, vocabularySize: next, idOf }
}

/** GPT-2's and BART's kind: whole words with the space before them. `specials` come after the words. */
export function wordTokenizer(words: readonly string[], specials: readonly string[]): TokenizerFiles {
  const letters = byteLetters()
  const vocabulary = Object.fromEntries([...letters, ...words.map((word) => `Ġ${word}`)].map((part, id) => [part, id]))
  const first = letters.length + words.length
  const added = specials.map((content, index) => special(first + index, content))
  for (const { id, content } of added) vocabulary[content] = id
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: bpe({ vocab: vocabulary, merges: [] }),
  }
  return { tokenizer, config: { tokenizer_class: 'GPT2Tokenizer' }, vocabularySize: first + specials.length }
}

/** The id of a word in the vocabulary of `wordTokenizer`. */
export const wordId = (words: readonly string[], word: string) => 256 + words.indexOf(word)

const joined = (merges: readonly [string, string][]) => [...new Set(merges.map((pair) => pair.join(' ')))]

const bpe = (parts: object) => ({
  type: 'BPE',
  dropout: null,
  unk_token: null,
  continuing_subword_prefix: '',
  end_of_word_suffix: '',
  fuse_unk: false,
  ...parts,
})

const ending = (content: string, id: number) => ({
  type: 'TemplateProcessing',
  single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: content, type_id: 0 } }],
  pair: [],
  special_tokens: { [content]: { id: content, ids: [id], tokens: [content] } },
})
