/** Did this request fail before there was a connection, so that it certainly had no effect? */
export function neverConnected(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { syscall, errors } = error as { syscall?: unknown; errors?: unknown }
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true
  if (Array.isArray(errors) && errors.length > 0) return errors.every(neverConnected)
  return neverConnected(error.cause)
}
