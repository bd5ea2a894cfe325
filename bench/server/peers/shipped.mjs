// `midsentence serve` as a command with its defaults, on disk, with two exceptions: the room annotates instead of holding,
// because publishers do not read first, and a session may make more than 100 calls a second.

import { streamRequest } from '../../delivery/message.mjs'
import { startCommand } from '../../durable/command.mjs'

export { call } from './ours.mjs'

export async function open(readers, publishers) {
  const { port, post, close } = await startCommand(['--rate', '0'], { rooms: { lobby: { policy: 'annotate' } } })
  const join = async username => {
    const params = { room: 'lobby', username }
    return (await post('/rpc', { jsonrpc: '2.0', id: 1, method: 'join', params })).result.token
  }
  const tokens = []
  for (let index = 0; index < readers; index++) tokens.push(await join(`reader ${index}`))
  const publisherTokens = []
  for (let index = 0; index < publishers; index++) publisherTokens.push(await join(`publisher ${index}`))
  return {
    port,
    streamRequests: tokens.map(token => streamRequest('/rooms/lobby/events', `authorization: Bearer ${token}\r\n`)),
    publisherTokens,
    close,
  }
}
