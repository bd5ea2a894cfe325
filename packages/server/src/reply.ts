import type { IncomingMessage, ServerResponse } from 'node:http'

/** Answers with a whole text; its body is left out where only the head is asked for. */
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

/** Answers that it cannot be: with `{"error": sentence}`, as the other doors do. */
export const refuse = (
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): void => reply(req, res, status, 'application/json', JSON.stringify({ error }), headers)
