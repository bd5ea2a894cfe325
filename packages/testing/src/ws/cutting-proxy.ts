import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A line to a server whose next connection, one alone, breaks after so many bytes of the server. */
export class CuttingProxy {
  limit = Number.POSITIVE_INFINITY
  /** How much of the last connection came through. */
  passed = 0
  url = ''
  readonly #sockets = new Set<Socket>()

  /** Breaks every connection there is. */
  breakConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Stands before the server at `url`. Ends with its test. */
  static async start(url: string): Promise<CuttingProxy> {
    const cut = new CuttingProxy()
    const { hostname, port } = new URL(url)
    const sockets = cut.#sockets
    const kept = (socket: Socket) => {
      sockets.add(socket)
      return socket
        .setNoDelay()
        .on('error', () => {})
        .on('close', () => sockets.delete(socket))
    }
    const server = createServer(near => {
      kept(near)
      const far = kept(connect(Number(port), hostname))
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
