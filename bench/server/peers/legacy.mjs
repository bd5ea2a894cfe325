// `midsentence serve` as a command with its defaults, on disk, spoken to in the dialect of the Python server: one user posts
// on all connections.

import { streamRequest } from '../../delivery/message.mjs'
import { startCommand } from '../../durable/command.mjs'
import { post as postRequest } from '../../http-caller.mjs'

export async function open(readers, publishers, args = []) {
  const { port, post, close } = await startCommand(args)
  const register = async username => {
    await post('/register', { username })
    return username
  }
  const names = []
  for (let index = 0; index < readers; index++) names.push(await register(`reader-${index}`))
  const publisher = await register('publisher')
  return {
    port,
    streamRequests: names.map(name => streamRequest(`/events?username=${name}`)),
    publisherTokens: Array.from({ length: publishers }, () => publisher),
    close,
  }
}

/** Returns the request that publishes `content` as the user `username`. */
export const call = (content, _n, username) => postRequest('/send', JSON.stringify({ username, message: content }))
