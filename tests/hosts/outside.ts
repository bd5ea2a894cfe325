import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'
import { listenOnLoopback } from './loopback.ts'

export interface Outside {
  /** Makes a program use the proxy for all but loopback. */
  readonly env: Readonly<Record<string, string>>
  /** The hosts that were asked for. */
  readonly asked: readonly string[]
}

/** A proxy on loopback that refuses every request, so that programs under test reach nothing else. */
export async function outside(): Promise<Outside> {
  const asked: string[] = []
  const proxy = createServer((req, res) => {
    asked.push(req.url!)
    res.writeHead(403).end()
  })
  proxy.on('connect', (req, socket) => {
    asked.push(req.url!)
    socket.on('error', () => {})
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  const url = `http://127.0.0.1:${await listenOnLoopback(proxy)}`
  onTestFinished(() => {
    proxy.close()
    proxy.closeAllConnections()
  })
  const loopback = '127.0.0.1,localhost,::1'
  return {
    env: {
      HTTP_PROXY: url,
      HTTPS_PROXY: url,
      http_proxy: url,
      https_proxy: url,
      NO_PROXY: loopback,
      no_proxy: loopback,
    },
    asked,
  }
}
