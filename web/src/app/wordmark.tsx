/** An aperture that lets a little amber through, and the name. */
export function Wordmark() {
  return (
    <>
      <svg class="wordmark-sign" width="26" height="26" viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="12" cy="12" r="10" fill="none" stroke="currentColor" stroke-width="1.75" />
        <circle cx="12" cy="12" r="4" class="wordmark-light" />
        <path
          d="M12 2v6M20.7 7l-5.2 3M20.7 17l-5.2-3M12 22v-6M3.3 17l5.2-3M3.3 7l5.2 3"
          stroke="currentColor"
          stroke-width="1.5"
          stroke-linecap="round"
        />
      </svg>
      <span class="wordmark-name">Darkroom</span>
    </>
  )
}
