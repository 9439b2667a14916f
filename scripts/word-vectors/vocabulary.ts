import { findWords, normalise } from '../../src/models/text/find-words.ts'
import type { DenseMatrix } from './dense-matrix.ts'
import { LABEL_SENSES } from './label-senses.ts'
import type { Sense, WordNet } from './wordnet.ts'

