/** Addresses for `<img>`, `<video>` and downloads; the cookie of the session opens them. */

const of = (id: string) => `/v1/uploads/${encodeURIComponent(id)}`

/** WebP, at most 256 pixels on the longer side. */
export const thumbnailUrl = (id: string) => `${of(id)}/thumbnail`

/** WebP, at most 1440 pixels on the longer side. */
export const previewUrl = (id: string) => `${of(id)}/preview`

/** The original, byte for byte. */
export const fileUrl = (id: string) => `${of(id)}/file`
