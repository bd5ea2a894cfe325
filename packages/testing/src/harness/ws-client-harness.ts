import { wsTransport } from '@midsentence/transport-ws/client'
import { type CuttableProxy, startCuttableProxy } from '../legacy/proxy.ts'
import { hubServer } from '../servers/hub-server.ts'
import { type LaterSocket, laterSocket } from '../ws/later-socket.ts'
import { type ConnectClient, clientHarness } from './client-harness.ts'

/** Connects a peer over a WebSocket, through its own proxy. */
export const connectWs: ConnectClient = (server, options) => {
  let open: CuttableProxy | undefined
  let socket: LaterSocket | undefined
  let isCut = false
  const proxy = startCuttableProxy(server).then(started => {
    open = started
    if (isCut) started.cut()
    return started
  })
  const webSocket = (): LaterSocket => {
    socket = laterSocket(proxy.then(({ url }) => `${url.replace('http', 'ws')}/ws`))
    return socket
  }
  return {
    peer: wsTransport({ url: 'ws://room', ...options, webSocket }),
    cut() {
      isCut = true
      open?.cut()
      socket?.snap()
    },
    heal() {
      isCut = false
      open?.heal()
    },
    close: async () => (await proxy).close(),
  }
}

/** Makes a harness of a hub with WebSockets and its clients. */
export const wsClientHarness = () => clientHarness(clock => hubServer({ clock }), connectWs)
