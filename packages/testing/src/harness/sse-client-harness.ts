import { sseTransport } from '@midsentence/transport-sse/client'
import { type StreamFetch, streamFetch } from '../../../transport-sse/src/stream-fetch.ts'
import { type CuttableProxy, startCuttableProxy } from '../legacy/proxy.ts'
import { hubServer } from '../servers/hub-server.ts'
import { type ConnectClient, clientHarness } from './client-harness.ts'

/** A peer over HTTP and server-sent events, behind a proxy of its own. */
export const connectSse: ConnectClient = (server, options) => {
  let open: CuttableProxy | undefined
  let isCut = false
  const proxy = startCuttableProxy(server).then(started => {
    open = started
    return started
  })
  // While it is cut nobody answers: what is sent then certainly does not arrive.
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
      open?.heal()
      isCut = false
    },
    close: async () => (await proxy).close(),
  }
}

/** A hub behind event streams, and its clients. */
export const sseClientHarness = () => clientHarness(clock => hubServer({ clock }), connectSse)
