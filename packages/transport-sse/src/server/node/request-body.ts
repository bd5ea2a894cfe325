import type { IncomingMessage } from 'node:http'
import type { RequestBody } from '../http-exchange.ts'

/**
 * Reads at most `limit` bytes and calls `done` once. A declared length above `limit` is rejected before reading. If a body
 * parser has read the request, its `req.body` counts.
 */
export function readBody(req: IncomingMessage, limit: number, done: (body: RequestBody) => void): void {
  if (Number(req.headers['content-length'] ?? 0) > limit) return done('too-long')
  if (req.readableDidRead || req.readableEnded) return done(parsedBody(req, limit))
  if (req.destroyed) return done('broken')
  let first: Buffer | undefined
  let rest: Buffer[] | undefined
  let length = 0
  let over = false
  const settle = (body: RequestBody) => {
    if (over) return
    over = true
    if (body === 'too-long') req.off('data', read)
    done(body)
  }
  const read = (chunk: Buffer) => {
    length += chunk.length
    if (length > limit) settle('too-long')
    else if (!first) first = chunk
    else if (rest) rest.push(chunk)
    else rest = [first, chunk]
  }
  req.on('data', read)
  req.on('end', () => settle(rest ? Buffer.concat(rest) : (first ?? Buffer.alloc(0))))
  req.on('close', () => settle('broken'))
  // Middleware may have paused it. Without this no byte would come.
  if (req.isPaused()) req.resume()
}

/** Reads as `readBody` does, with a promise. */
export const readBodyAsync = (req: IncomingMessage, limit: number): Promise<RequestBody> =>
  new Promise(resolve => readBody(req, limit, resolve))

/** Returns the body as a body parser left it: parsed JSON, a text or bytes. */
function parsedBody(req: IncomingMessage & { readonly body?: unknown }, limit: number): RequestBody {
  const { body } = req
  const bytes = body instanceof Uint8Array ? Buffer.from(body) : textBytes(body)
  if (bytes === undefined) return 'taken'
  return bytes.length > limit ? 'too-long' : bytes
}

function textBytes(body: unknown): Buffer | undefined {
  try {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return text === undefined ? undefined : Buffer.from(text)
  } catch {
    return undefined
  }
}
