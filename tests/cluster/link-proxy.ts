import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A link to a server that can be cut: bytes in flight are lost, and new connections are refused. */
export interface LinkProxy {
  readonly url: string
  cut(): void
  heal(): void
}

/** Starts a proxy to a NATS server. Ends with its test. */
export async function linkProxy(target: string): Promise<LinkProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let isCut = false
  const tracked = (socket: Socket) => {
    sockets.add(socket)
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const server = createServer(near => {
    if (isCut) return void near.destroy()
    const far = connect(Number(port), hostname)
    tracked(near).on('close', () => far.destroy())
    tracked(far).on('close', () => near.destroy())
    near.pipe(far)
    far.pipe(near)
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(() => {
    cut()
    server.close()
  })
  return {
    url: `nats://127.0.0.1:${(server.address() as { port: number }).port}`,
    cut() {
      isCut = true
      cut()
    },
    heal() {
      isCut = false
    },
  }
}
