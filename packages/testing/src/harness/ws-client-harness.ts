import { wsTransport } from '@midsentence/transport-ws/client'
import { type CuttableProxy, startCuttableProxy } from '../legacy/proxy.ts'
import { hubServer } from '../servers/hub-server.ts'
import { type DeferredSocket, deferredSocket } from '../ws/deferred-socket.ts'
import { type ConnectClient, clientHarness } from './client-harness.ts'

/** Connects a peer over a WebSocket, through its own proxy. */
export const connectWs: ConnectClient = (server, options) => {
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

/** Makes a harness of a hub with WebSockets and its clients. */
export const wsClientHarness = () => clientHarness(hubServer, connectWs)
