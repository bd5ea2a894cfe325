// A hand-written server with node:http: formats an event once, and calls `write` for each reader.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { post } from '../../http-caller.mjs'
import { messageOf, streamRequest } from '../message.mjs'

const head = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }

export async function open(readers) {
  const streams = new Set()
  let seq = 0
  const publishOne = content => {
    const message = messageOf(content, ++seq)
    const event = Buffer.from(`id: ${seq}\nevent: message\ndata: ${JSON.stringify(message)}\n\n`)
    for (const stream of streams) stream.write(event)
    return message
  }
  const server = createServer((req, res) => {
    if (req.method === 'GET') {
      res.writeHead(200, head).write(': here\n\n')
      streams.add(res)
      return
    }
    const chunks = []
    req.on('data', chunk => chunks.push(chunk))
    req.on('end', () => {
      const { message_id } = publishOne(JSON.parse(Buffer.concat(chunks).toString()).content)
      const answer = JSON.stringify({ status: 1, message_id, seq })
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
      res.end(answer)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const streamRequests = Array.from({ length: readers }, () => streamRequest('/events'))
  return { port: server.address().port, streamRequests, publish: contents => contents.forEach(publishOne) }
}

/** Returns the requests that publish `content`; the last one publishes it. */
export const calls = content => [post('/send', JSON.stringify({ content }))]
