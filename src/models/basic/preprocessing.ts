/**
 * What every stage of the basic pack does to its input. Any change of these, or of how pixels are resampled, makes
 * other vectors or captions of the same picture: then count the version up, and fingerprints change with it.
 */
export const PREPROCESSING_VERSION = 1

/** Side of the square that a picture is stretched to before it is embedded, in pixels. */
export const EMBEDDER_SIDE = 224

/** Longest side in which text is searched, and what its sides must be multiples of, in pixels. */
export const TEXT_MAX_SIDE = 960
export const TEXT_SIDE_STEP = 32

/** Height in which a line of text is read, in pixels. */
export const LINE_HEIGHT = 48
