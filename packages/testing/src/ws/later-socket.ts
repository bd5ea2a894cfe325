import type { SocketEvent, WebSocketLike } from '@midsentence/transport-ws/client'
import { openSocket } from '../../../transport-ws/src/client/web-socket.ts'

type Listener = [type: 'open' | 'message' | 'close' | 'error', listener: (event: SocketEvent) => void]

export interface LaterSocket extends WebSocketLike {
  /** Breaks it, and says so at once: what is sent from then on certainly does not arrive. */
  snap(): void
}

/** A socket to an address that is known in a moment. */
export function laterSocket(url: Promise<string>): LaterSocket {
  const listeners: Listener[] = []
  let socket: WebSocketLike | undefined
  let ended = false
  const tellClosed = () => {
    for (const [type, listener] of listeners) if (type === 'close') listener({ type, code: 1006 })
  }
  void url.then(at => {
    if (ended) return tellClosed()
    socket = openSocket(at)
    for (const listener of listeners) socket.addEventListener(...listener)
  })
  const end = (how: 'close' | 'terminate') => {
    ended = true
    socket?.[how]?.()
  }
  return {
    addEventListener: (...listener) => void listeners.push(listener),
    send: text => socket!.send(text),
    close: () => end('close'),
    terminate: () => end('terminate'),
    snap() {
      end('terminate')
      tellClosed()
    },
    get refused() {
      return socket?.refused
    },
  }
}
