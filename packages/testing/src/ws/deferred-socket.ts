import { openSocket, type SocketEvent, type WebSocketLike } from '@midsentence/transport-ws/client'

type AddedListener = [type: 'open' | 'message' | 'close' | 'error', listener: (event: SocketEvent) => void]

export interface DeferredSocket extends WebSocketLike {
  /** Breaks the socket and emits `close` at once. */
  breakNow(): void
}

/** Creates a socket to an address that is not known yet. */
export function deferredSocket(url: Promise<string>): DeferredSocket {
  const listeners: AddedListener[] = []
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
    breakNow() {
      end('terminate')
      tellClosed()
    },
    get upgradeStatus() {
      return socket?.upgradeStatus
    },
  }
}
