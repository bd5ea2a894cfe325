import { once } from 'node:events'
import { createServer } from 'node:http'
import { openHub } from '@midsentence/core/hub'
import { sseHandlers } from '@midsentence/transport-sse/server'
import { asks } from '../../delivery/message.mjs'
import { post } from '../../http-caller.mjs'

/** A server of ours, on the logs that `stores` opens; in a room that annotates, since many speak without looking. */
export async function open(readers, publishers, stores = {}) {
  const hub = await openHub({ ...stores, policy: { room: () => ({ policy: 'annotate' }), limits: () => ({}) } })
  const { handle } = sseHandlers(hub)
  const server = createServer((req, res) => void handle(req, res))
  server.maxConnections = 20_000
  await once(server.listen(0, '127.0.0.1', 4096), 'listening')
  const join = async username => (await hub.join({ username })).joinResult.token
  const tokens = []
  for (let index = 0; index < readers; index++) tokens.push(await join(`reader ${index}`))
  const speakers = []
  for (let index = 0; index < publishers; index++) speakers.push(await join(`speaker ${index}`))
  return {
    port: server.address().port,
    hellos: tokens.map(token => asks('/rooms/lobby/events', `authorization: Bearer ${token}\r\n`)),
    speakers,
    close: () => hub.close(),
  }
}

/** How the `n`th thing is said by whoever has `token`, and was given everything up to `base`. */
export const call = (content, n, token, base) => {
  const params = { content, base, key: `${n}` }
  return post('/rpc', JSON.stringify({ jsonrpc: '2.0', id: n, method: 'publish', params }), token)
}
