import { once } from 'node:events'
import { createServer } from 'node:http'
import { openHub } from '@midsentence/core/hub'
import { sseHandlers } from '@midsentence/transport-sse/server'
import { streamRequest } from '../../delivery/message.mjs'
import { post } from '../../http-caller.mjs'

/** Starts our server on the logs in `stores`. The room annotates instead of holding, because publishers do not read first. */
export async function open(readers, publishers, stores = {}, access = () => ({})) {
  const policy = { room: () => ({ policy: 'annotate' }), limits: () => ({}), access }
  const hub = await openHub({ ...stores, policy })
  const { handle } = sseHandlers(hub)
  const server = createServer((req, res) => void handle(req, res))
  server.maxConnections = 20_000
  await once(server.listen(0, '127.0.0.1', 4096), 'listening')
  const join = async username => (await hub.join({ username })).joinResult.token
  const tokens = []
  for (let index = 0; index < readers; index++) tokens.push(await join(`reader ${index}`))
  const publisherTokens = []
  for (let index = 0; index < publishers; index++) publisherTokens.push(await join(`publisher ${index}`))
  return {
    port: server.address().port,
    streamRequests: tokens.map(token => streamRequest('/rooms/lobby/events', `authorization: Bearer ${token}\r\n`)),
    publisherTokens,
    close: () => hub.close(),
  }
}

/** Returns the request that publishes the n-th message with `token`, after reading up to `base`. */
export const call = (content, n, token, base) => {
  const params = { content, base, key: `${n}` }
  return post('/rpc', JSON.stringify({ jsonrpc: '2.0', id: n, method: 'publish', params }), token)
}
