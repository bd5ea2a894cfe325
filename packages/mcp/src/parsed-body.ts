import type { IncomingMessage } from 'node:http'

/**
 * Returns the JSON of a request that a body parser has read, from `req.body`; undefined if the body is unread. `taken`: it
 * was read, and nothing of it is left.
 */
export function readParsedBody(
  req: IncomingMessage & { readonly body?: unknown },
): { readonly value: unknown } | 'taken' | undefined {
  if (!req.readableDidRead && !req.readableEnded) return undefined
  const { body } = req
  if (body === undefined || typeof body === 'function') return 'taken'
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return { value: body }
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
  try {
    return { value: JSON.parse(text) }
  } catch {
    // Refused as a message of the wrong kind.
    return { value: text }
  }
}
