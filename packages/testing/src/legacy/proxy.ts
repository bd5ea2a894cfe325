import { connect, createServer, type Socket } from 'node:net'

/** A line to a server that can be cut. */
export interface CuttableProxy {
  readonly url: string
  /** Breaks every connection, and new ones as they come. `silently`: they stay, but nothing goes through any more. */
  cut(how?: 'silently'): void
  /** New connections go through again; those cut silently break now. */
  restore(): void
  close(): Promise<void>
}

/** Stands before the server at `url`, on a port of its own. */
export async function startCuttableProxy(url: string): Promise<CuttableProxy> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let cut: 'open' | 'cut' | 'silent' = 'open'
  const kept = (socket: Socket): Socket => {
    sockets.add(socket)
    // A proxy that waits for more to send would be mistaken for one that has nothing to send.
    socket.setNoDelay()
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer(near => {
    kept(near)
    if (cut === 'cut') return void near.destroy()
    const far = kept(connect(Number(port), hostname))
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
