import type { IncomingMessage } from 'node:http'

/** The request's bytes; `too-long` beyond `limit`, said before they are read where they are declared; `broken` where they end early. */
export function bodyOf(req: IncomingMessage, limit: number): Promise<Buffer | 'too-long' | 'broken'> {
  if (Number(req.headers['content-length'] ?? 0) > limit) return Promise.resolve('too-long')
  return new Promise(resolve => {
    const chunks: Buffer[] = []
    let length = 0
    const settle = (result: Buffer | 'too-long' | 'broken') => {
      req.off('data', read).off('end', end).off('close', broken)
      resolve(result)
    }
    const read = (chunk: Buffer) => {
      length += chunk.length
      if (length <= limit) chunks.push(chunk)
      else settle('too-long')
    }
    const end = () => settle(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
    const broken = () => settle('broken')
    req.on('data', read).once('end', end).once('close', broken)
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The text of `bytes`; undefined where they are not UTF-8. */
export function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
