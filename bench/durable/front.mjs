// A minimal SSE front in node:http for a server that keeps messages: `POST /send` answers once the message is on disk, and
// `GET /events` streams every message that the server's own subscription delivers.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { messageOf, streamRequest } from '../delivery/message.mjs'

const head = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }

/**
 * Starts the front. `publish(json)` resolves with the seq of a message once it is on disk. `close` ends its server.
 * Call `deliver(seq, json)` for each message that the subscription brings.
 */
export async function openFront(readers, publishers, { publish, subscribe, close }) {
  const streams = new Set()
  await subscribe((seq, json) => {
    const event = Buffer.from(`id: ${seq}\nevent: message\ndata: ${json}\n\n`)
    for (const stream of streams) stream.write(event)
  })
  let made = 0
  const answerPublish = async (bytes, res) => {
    const message = messageOf(JSON.parse(bytes.toString()).content, ++made)
    const seq = await publish(JSON.stringify(message))
    const answer = JSON.stringify({ status: 1, message_id: message.message_id, seq })
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
    res.end(answer)
  }
  const server = createServer((req, res) => {
    if (req.method === 'GET') {
      res.writeHead(200, head).write(': here\n\n')
      streams.add(res)
      res.once('close', () => streams.delete(res))
      return
    }
    const chunks = []
    req.on('data', chunk => chunks.push(chunk))
    req.on('end', () => void answerPublish(Buffer.concat(chunks), res))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: server.address().port,
    streamRequests: Array.from({ length: readers }, () => streamRequest('/events')),
    publisherTokens: Array.from({ length: publishers }, () => ''),
    close,
  }
}
