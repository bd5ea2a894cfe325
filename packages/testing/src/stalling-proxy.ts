import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * What a stalled connection does. `silent`: accepts bytes and passes none on. `no-answer`: passes requests on, no answers.
 * `head-only`: passes requests on, and of the first answer only the head.
 */
export type Stall = 'silent' | 'no-answer' | 'head-only'

/** A proxy whose connections become half-open: they stay open, but nothing comes. Stops with its test. */
export interface StallingProxy {
  readonly url: string
  /** Number of connections so far. */
  readonly connections: number
  /** Stalls all new connections, and with `now` all open ones, for as long as they last. */
  stall(how: Stall, now?: 'now'): void
  /** Lets new connections through again. */
  heal(): void
}

/** Starts a proxy to the server at `url` on a free port. */
export async function stallingProxy(url: string): Promise<StallingProxy> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  const stalls: { how: Stall | undefined }[] = []
  let next: Stall | undefined
  let connections = 0
  const tracked = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const server = createServer(near => {
    connections++
    const state = { how: next }
    stalls.push(state)
    tracked(near)
    const far = tracked(connect(Number(port), hostname))
    let answered = ''
    near.on('data', chunk => state.how !== 'silent' && far.write(chunk))
    near.on('close', () => far.destroy())
    far.on('close', () => !state.how && near.destroy())
    far.on('data', (chunk: Buffer) => {
      if (!state.how) return near.write(chunk)
      if (state.how !== 'head-only' || answered.includes('\r\n\r\n')) return
      answered += chunk.toString('latin1')
      const end = answered.indexOf('\r\n\r\n')
      if (end >= 0) near.write(answered.slice(0, end + 4), 'latin1')
    })
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  onTestFinished(async () => {
    const closed = new Promise(resolve => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  })
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    get connections() {
      return connections
    },
    stall(how, now) {
      next = how
      if (now) for (const state of stalls) state.how ??= how
    },
    heal() {
      next = undefined
    },
  }
}
