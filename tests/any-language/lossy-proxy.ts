import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A proxy that drops responses after the server has handled the request. */
export interface LossyProxy {
  readonly url: string
  /** Number of dropped responses. */
  dropped(): number
  close(): Promise<void>
}

/** Starts a proxy to the server at `url`. It drops the first response to each request and passes on those to its retries. */
export async function startLossyProxy(url: string): Promise<LossyProxy> {
  const seen = new Set<string>()
  const server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req.setEncoding('utf8')) body += chunk
    const { 'content-type': type = '', authorization = '' } = req.headers
    const response = await fetch(`${url}${req.url}`, {
      method: 'POST',
      headers: { 'content-type': type, authorization },
      body,
    })
    const text = await response.text()
    if (seen.has(authorization + body)) return res.writeHead(response.status).end(text)
    seen.add(authorization + body)
    res.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dropped: () => seen.size,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
