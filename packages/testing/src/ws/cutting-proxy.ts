import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A proxy whose next connection breaks after `limit` bytes from the server. Later ones have no limit. */
export class CuttingProxy {
  limit = Number.POSITIVE_INFINITY
  /** Bytes of the last connection that came through. */
  passed = 0
  url = ''
  readonly #sockets = new Set<Socket>()

  /** Breaks every open connection. */
  breakConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Starts a proxy to the server at `url`. Stops with its test. */
  static async start(url: string): Promise<CuttingProxy> {
    const cut = new CuttingProxy()
    const { hostname, port } = new URL(url)
    const sockets = cut.#sockets
    const tracked = (socket: Socket) => {
      sockets.add(socket)
      return socket
        .setNoDelay()
        .on('error', () => {})
        .on('close', () => sockets.delete(socket))
    }
    const server = createServer(near => {
      tracked(near)
      const far = tracked(connect(Number(port), hostname))
      const limit = cut.limit
      let passed = 0
      cut.limit = Number.POSITIVE_INFINITY
      cut.passed = 0
      near.on('data', chunk => far.write(chunk)).on('close', () => far.destroy())
      far.on('close', () => near.destroy())
      far.on('data', (chunk: Buffer) => {
        const part = chunk.subarray(0, limit - passed)
        passed += part.length
        cut.passed = passed
        if (passed < limit) return void near.write(part)
        near.end(part)
        far.destroy()
      })
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    onTestFinished(() => {
      cut.breakConnections()
      server.close()
    })
    cut.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
    return cut
  }
}
