import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PageFile } from './page-files.ts'
import { refuse, reply } from './reply.ts'

/**
 * Lets the page run its own scripts and styles and call its own server. It forbids inline code, every other address, frames and
 * forms; text becomes HTML only through the sanitiser of the page.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types dompurify',
].join('; ')

const pageHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** The paths of the server, for a client that is not a browser. */
const pathsText = (prefix: string) => `
POST ${prefix}/rpc                  Every action, as JSON-RPC 2.0. The method rpc.discover describes them.
GET ${prefix}/rooms/ROOM/events     The messages of a room as server-sent events. A client that reconnects misses none.
GET ${prefix}/ws                    The same actions and messages over one WebSocket.
GET ${prefix}/healthz               The health of this server.
`

/** Answers `/` of a server that serves no page. */
export function replyWithoutPage(req: IncomingMessage, res: ServerResponse, prefix: string): void {
  const text = `This is a midsentence server. It serves no page: take part with midsentence chat, or by these paths.\n`
  reply(req, res, 200, 'text/plain', text + pathsText(prefix))
}

/** Answers a request for a file of the page. Returns false if `path` is none of them. */
export function replyWithPage(
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  files: ReadonlyMap<string, PageFile>,
): boolean {
  const file = files.get(path)
  if (!file) return false
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    refuse(req, res, 405, `${path} takes GET only.`, { allow: 'GET, HEAD' })
    return true
  }
  const headers = {
    ...pageHeaders,
    etag: file.etag,
    vary: 'accept-encoding',
    'cache-control': file.hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  }
  if (matches(req.headers['if-none-match'], file.etag)) {
    res.writeHead(304, headers).end()
    return true
  }
  const encoding = encodingFor(req.headers['accept-encoding'], file)
  const body = encoding ? file.encoded.get(encoding)! : file.body
  res.writeHead(200, {
    ...headers,
    'content-type': file.type,
    'content-length': body.length,
    ...(encoding && { 'content-encoding': encoding }),
  })
  res.end(req.method === 'HEAD' ? undefined : body)
  return true
}

const matches = (header: string | undefined, etag: string): boolean =>
  header?.split(',').some(tag => tag.trim() === etag || tag.trim() === '*') === true

/** Returns the best compression that the client accepts and the file has. */
function encodingFor(header = '', { encoded }: PageFile): 'br' | 'gzip' | undefined {
  const accepted = new Set(
    header.split(',').flatMap(part => {
      const [name = '', ...parameters] = part.split(';').map(text => text.trim().toLowerCase())
      return parameters.some(text => /^q=0(\.0*)?$/.test(text)) ? [] : [name]
    }),
  )
  return (['br', 'gzip'] as const).find(name => accepted.has(name) && encoded.has(name))
}
