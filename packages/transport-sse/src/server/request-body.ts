import type { IncomingMessage } from 'node:http'

/** The bytes of a request; `too-long` above the limit; `broken` if the connection ended early. */
export type RequestBody = Buffer | 'too-long' | 'broken'

/** Reads at most `limit` bytes and calls `done` once. A declared length above `limit` is rejected before reading. */
export function readBody(req: IncomingMessage, limit: number, done: (body: RequestBody) => void): void {
  if (Number(req.headers['content-length'] ?? 0) > limit) return done('too-long')
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
}

/** Reads as `readBody` does, with a promise. */
export const readBodyAsync = (req: IncomingMessage, limit: number): Promise<RequestBody> =>
  new Promise(resolve => readBody(req, limit, resolve))

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Decodes UTF-8. Returns undefined if `bytes` are not valid. */
export function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
