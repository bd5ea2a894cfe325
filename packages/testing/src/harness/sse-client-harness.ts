import { type StreamFetch, sseTransport, streamFetch } from '@midsentence/transport-sse/client'
import { type CuttableProxy, startCuttableProxy } from '../legacy/proxy.ts'
import { hubServer } from '../servers/hub-server.ts'
import { type ConnectClient, clientHarness } from './client-harness.ts'

/** Connects a peer over HTTP and server-sent events, through its own proxy. */
export const connectSse: ConnectClient = (server, options) => {
  let open: CuttableProxy | undefined
  let isCut = false
  const proxy = startCuttableProxy(server).then(started => {
    open = started
    return started
  })
  // During a cut the connection is refused: it is certain that requests do not arrive.
  const fetch: StreamFetch = async (url, init) => {
    const { url: base } = await proxy
    if (isCut) throw Object.assign(new Error('cut'), { syscall: 'connect', code: 'ECONNREFUSED' })
    const { pathname, search } = new URL(url)
    return streamFetch(`${base}${pathname}${search}`, init)
  }
  return {
    peer: sseTransport({ url: 'http://room', ...options, fetch }),
    cut() {
      open?.cut()
      isCut = true
    },
    heal() {
      open?.restore()
      isCut = false
    },
    close: async () => (await proxy).close(),
  }
}

/** Makes a harness of a hub with event streams and its clients. */
export const sseClientHarness = () => clientHarness(hubServer, connectSse)
