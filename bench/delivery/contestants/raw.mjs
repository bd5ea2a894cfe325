// A server of node:http alone, as one would write it by hand: one event made once, one write for each reader.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { post } from '../../http-caller.mjs'
import { asks, messageOf } from '../message.mjs'

const head = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }

export async function open(readers) {
  const streams = new Set()
  let seq = 0
  const say = content => {
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
      const { message_id } = say(JSON.parse(Buffer.concat(chunks).toString()).content)
      const answer = JSON.stringify({ status: 1, message_id, seq })
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
      res.end(answer)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const hellos = Array.from({ length: readers }, () => asks('/events'))
  return { port: server.address().port, hellos, say: contents => contents.forEach(say) }
}

/** The calls by which a caller says `content`, the last of which says it. */
export const calls = content => [post('/send', JSON.stringify({ content }))]
