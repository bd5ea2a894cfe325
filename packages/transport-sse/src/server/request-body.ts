import type { IncomingMessage } from 'node:http'

/** The request's bytes; `too-long` beyond a limit, said before they are read where they are declared; `broken` where they end early. */
export type RequestBody = Buffer | 'too-long' | 'broken'

/** Calls `done` once, with the body of at most `limit` bytes or with why there is none. */
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

export const readBodyAsync = (req: IncomingMessage, limit: number): Promise<RequestBody> =>
  new Promise(resolve => readBody(req, limit, resolve))

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The text of `bytes`; undefined where they are not UTF-8. */
export function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
