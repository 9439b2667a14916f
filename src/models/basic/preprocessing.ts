/**
 * Counted up when the same picture would get another caption: by a change of the sizes below, of how pixels are
 * resampled, of scores, or of sentences. The captioner's fingerprint changes with it.
 */
export const CAPTION_VERSION = 2

/** Counted up when the same picture would get another vector; vectors of another version are not compared any more. */
export const VECTOR_VERSION = 1

/** Side of the square that a picture is stretched to before it is embedded, in pixels. */
export const EMBEDDER_SIDE = 224

/** Longest side in which text is searched, and what its sides must be multiples of, in pixels. */
export const TEXT_MAX_SIDE = 960
export const TEXT_SIDE_STEP = 32

/** Height in which a line of text is read, in pixels. */
export const LINE_HEIGHT = 48
