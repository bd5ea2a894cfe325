import { once } from 'node:events'
import { createServer } from 'node:http'
import { openHub } from '@midsentence/core/hub'
import { sseHandlers } from '@midsentence/transport-sse/server'
import { post } from '../../http-caller.mjs'
import { streamRequest } from '../message.mjs'
import { room } from '../room.mjs'

/** Starts a server whose `publishers` publish in one tick. */
export async function open(readers, publishers) {
  const { hub, tokens, token, publish } = await room(openHub, readers, publishers)
  const { handle } = sseHandlers(hub)
  const server = createServer((req, res) => void handle(req, res))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const streamRequests = tokens.map(token => streamRequest('/rooms/lobby/events', `authorization: Bearer ${token}\r\n`))
  return { port: server.address().port, streamRequests, token, publish }
}

/** Returns the requests that publish from a local draft. With one publisher, the base is the previous message. */
export function calls(content, n, token) {
  return [rpc(n, 'publish', { content, base: n - 1, key: `${n}` }, token)]
}

export const rpc = (id, method, params, token) =>
  post('/rpc', JSON.stringify({ jsonrpc: '2.0', id, method, params }), token)
