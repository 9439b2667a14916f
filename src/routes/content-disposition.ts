/**
 * The header that offers a file for saving: an ASCII form for old clients, and the true name in UTF-8
 * (RFC 6266, RFC 8187).
 */
export function attachment(name: string): string {
  // Half a character cannot be encoded.
  const whole = name.replace(/\p{Surrogate}/gu, '_')
  const ascii = whole.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(whole).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
