import { once } from 'node:events'
import { createServer } from 'node:http'
import { openHub } from '@midsentence/core/hub'
import { sseHandlers } from '@midsentence/transport-sse/server'
import { post } from '../../http-caller.mjs'
import { asks } from '../message.mjs'

/** `publishers` speak in one tick. Where there are several they cross each other, so the room says so instead of holding. */
export async function open(readers, publishers) {
  const policy = { room: () => (publishers > 1 ? { policy: 'annotate' } : {}), limits: () => ({}) }
  const hub = await openHub({ policy })
  const { handle } = sseHandlers(hub)
  const server = createServer((req, res) => void handle(req, res))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const join = username => hub.join({ username })
  const sessions = await Promise.all(Array.from({ length: readers }, (_, index) => join(`reader ${index}`)))
  const speakers = await Promise.all(Array.from({ length: publishers }, (_, index) => join(`speaker ${index}`)))
  const cursors = speakers.map(() => 0)
  let key = 0
  const say = async (content, place) => {
    const { cursor } = await speakers[place].publish({ content, base: cursors[place], key: `${++key}` })
    cursors[place] = cursor
  }
  return {
    port: server.address().port,
    hellos: sessions.map(({ entrance: { token } }) =>
      asks('/rooms/lobby/events', `authorization: Bearer ${token}\r\n`),
    ),
    token: speakers[0].entrance.token,
    say: contents => Promise.all(contents.map(say)),
  }
}

/** By a draft that its author keeps: nobody else speaks, so what is said `n`th was judged by the one before. */
export function calls(content, n, token) {
  return [rpc(n, 'publish', { content, base: n - 1, key: `${n}` }, token)]
}

export const rpc = (id, method, params, token) =>
  post('/rpc', JSON.stringify({ jsonrpc: '2.0', id, method, params }), token)
