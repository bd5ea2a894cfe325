import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { OpenSocket } from './web-socket-like.ts'

/** Bytes. A page of messages with all their fields is far smaller. */
const MAX_PAYLOAD = 8 * 2 ** 20

/**
 * A WebSocket over an unreferenced socket, so that a script without `close()` still exits. Callers that wait for an answer
 * keep the process awake themselves.
 */
class UnrefSocket extends WebSocket {
  upgradeStatus: number | undefined
  upgradeLocation: string | undefined

  constructor(url: string) {
    super(url, { perMessageDeflate: false, maxPayload: MAX_PAYLOAD, finishRequest: unrefOnConnect })
    this.on('unexpected-response', (_, { statusCode, headers }) => {
      this.upgradeStatus = statusCode
      this.upgradeLocation = headers.location
      this.terminate()
    })
  }
}

function unrefOnConnect(request: ClientRequest): void {
  // Twice, since a host with several addresses gets a new handle on connect.
  request.on('socket', (socket: Socket) => socket.unref().once('connect', () => socket.unref()))
  request.end()
}

/** Opens a WebSocket of `ws` that keeps no process alive. */
export const openSocket: OpenSocket = url => new UnrefSocket(url)
