import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A line on which answers are lost: what was asked for has happened all the same. */
export interface LosingLine {
  readonly url: string
  /** How many answers were lost. */
  lost(): number
  close(): Promise<void>
}

/** A line to the server at `url` that loses the first answer to every call, and lets the same call through after that. */
export async function losingLine(url: string): Promise<LosingLine> {
  const seen = new Set<string>()
  const server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req.setEncoding('utf8')) body += chunk
    const { 'content-type': type = '', authorization = '' } = req.headers
    const answer = await fetch(`${url}${req.url}`, {
      method: 'POST',
      headers: { 'content-type': type, authorization },
      body,
    })
    const text = await answer.text()
    if (seen.has(authorization + body)) return res.writeHead(answer.status).end(text)
    seen.add(authorization + body)
    res.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lost: () => seen.size,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
