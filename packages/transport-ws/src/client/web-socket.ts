import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { OpenSocket } from './web-socket-like.ts'

/** A page of messages with all they may carry stays far below this. */
const MAX_PAYLOAD = 8 * 2 ** 20

/**
 * A socket that keeps no process alive, so that a script which never closes its line still ends: who waits for an answer
 * keeps the process awake itself.
 */
class UnrefSocket extends WebSocket {
  upgradeStatus: number | undefined

  constructor(url: string) {
    super(url, { perMessageDeflate: false, maxPayload: MAX_PAYLOAD, finishRequest: unrefOnConnect })
    this.on('unexpected-response', (_, { statusCode }) => {
      this.upgradeStatus = statusCode
      this.terminate()
    })
  }
}

function unrefOnConnect(request: ClientRequest): void {
  // Twice: where a name has several addresses, connecting makes a new handle.
  request.on('socket', (socket: Socket) => socket.unref().once('connect', () => socket.unref()))
  request.end()
}

export const openSocket: OpenSocket = url => new UnrefSocket(url)
