import { wsTransport } from '@midsentence/transport-ws/client'
import { type CuttableProxy, startCuttableProxy } from '../legacy/proxy.ts'
import { hubServer } from '../servers/hub-server.ts'
import { type DeferredSocket, deferredSocket } from '../ws/deferred-socket.ts'
import { lineBench, type NewWay } from './client-harness.ts'

/** A peer over a WebSocket, behind a proxy of its own. */
export const wsWay: NewWay = (server, options) => {
  let open: CuttableProxy | undefined
  let socket: DeferredSocket | undefined
  let isCut = false
  const proxy = startCuttableProxy(server).then(started => {
    open = started
    if (isCut) started.cut()
    return started
  })
  const webSocket = (): DeferredSocket => {
    socket = deferredSocket(proxy.then(({ url }) => `${url.replace('http', 'ws')}/ws`))
    return socket
  }
  return {
    peer: wsTransport({ url: 'ws://room', ...options, webSocket }),
    cut() {
      isCut = true
      open?.cut()
      socket?.breakNow()
    },
    heal() {
      isCut = false
      open?.restore()
    },
    close: async () => (await proxy).close(),
  }
}

/** A hub behind WebSockets, and its clients. */
export const wsLines = () => lineBench(clock => hubServer({ clock }), wsWay)
