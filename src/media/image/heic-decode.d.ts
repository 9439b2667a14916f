declare module 'heic-decode' {
  interface DecodedImage {
    readonly width: number
    readonly height: number
    /** RGBA, upright. */
    readonly data: Uint8ClampedArray
  }
  interface EncodedImage {
    readonly width: number
    readonly height: number
    decode(): Promise<DecodedImage>
  }
  /** Every picture of the file, the primary one first. `dispose` frees them all. */
  export function all(input: { buffer: Uint8Array }): Promise<EncodedImage[] & { dispose(): void }>
}
