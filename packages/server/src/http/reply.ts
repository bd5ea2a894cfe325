import type { IncomingMessage, ServerResponse } from 'node:http'

/** Sends a complete text response. HEAD requests get the headers only. */
export function reply(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = Buffer.from(text)
  res.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  res.end(req.method === 'HEAD' ? undefined : body)
}

/** Sends an error response, `{"error": sentence}`, like the handlers of the transports. */
export const refuse = (
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): void => reply(req, res, status, 'application/json', JSON.stringify({ error }), headers)
