const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Decodes UTF-8. Returns undefined if `bytes` are not valid. */
export function utf8TextOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
