import { connect, createServer, type Socket } from 'node:net'

/** A proxy to a server that a test can cut. */
export interface CuttableProxy {
  readonly url: string
  /** Breaks every connection, new ones included. `silently`: connections stay open but pass no bytes. */
  cut(how?: 'silently'): void
  /** Passes new connections again. Breaks those that were cut silently. */
  restore(): void
  close(): Promise<void>
}

/** Starts a proxy to the server at `url` on a free port. */
export async function startCuttableProxy(url: string): Promise<CuttableProxy> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let cut: 'open' | 'cut' | 'silent' = 'open'
  const tracked = (socket: Socket): Socket => {
    sockets.add(socket)
    // Without Nagle, so that a pause means that there is nothing to send.
    socket.setNoDelay()
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer(near => {
    tracked(near)
    if (cut === 'cut') return void near.destroy()
    const far = tracked(connect(Number(port), hostname))
    const pass = (from: Socket, to: Socket) => {
      from.on('data', chunk => cut !== 'silent' && to.write(chunk))
      from.on('close', () => cut !== 'silent' && to.destroy())
    }
    pass(near, far)
    pass(far, near)
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const own = (server.address() as { port: number }).port
  return {
    url: `http://127.0.0.1:${own}`,
    cut(how) {
      cut = how ? 'silent' : 'cut'
      if (!how) drop()
    },
    restore() {
      if (cut === 'silent') drop()
      cut = 'open'
    },
    async close() {
      cut = 'cut'
      const closed = new Promise(resolve => server.close(resolve))
      drop()
      await closed
    },
  }
}
