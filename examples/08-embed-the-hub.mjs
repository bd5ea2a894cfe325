// Rooms inside a node:http server of your own, next to its other routes and under your rules. Two come in over HTTP, one
// is a part of the server itself.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, renderMessages } from '@midsentence/client'
import { openHub } from '@midsentence/core/hub'
import { sseHandlers } from '@midsentence/transport-sse/server'

const hub = await openHub({
  policy: {
    room: () => ({}),
    limits: () => ({}),
    // A table has three seats, and there are no other rooms.
    access: room => ({ open: room.startsWith('table-'), limit: 3 }),
    content: text =>
      /\d{4}/.test(text) ? { allowed: false, reason: 'it looks like a card number' } : { allowed: true },
  },
})
const rooms = sseHandlers(hub)
const waiter = await hub.join({ room: 'table-1', username: 'Waiter' })

const server = createServer((req, res) => {
  // Any page can have a name of its own lead to this machine: answer to yours alone.
  if (req.headers.host !== new URL(url).host) return res.writeHead(403).end()
  if (rooms.handle(req, res)) return
  if (req.url !== '/who') return res.writeHead(404).end()
  res.end(JSON.stringify(waiter.who().participants.map(({ sender_id }) => sender_id)))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${server.address().port}`

const ada = await connect(url, { room: 'table-1', username: 'Ada' })
const ben = await connect(url, { room: 'table-1', username: 'Ben' })
assert.deepEqual(await (await fetch(`${url}/who`)).json(), ['Waiter', 'Ada', 'Ben'])
await assert.rejects(connect(url, { room: 'table-1', username: 'Cleo' }), /The room table-1 is full: 3 at a time/)
await assert.rejects(connect(url, { room: 'kitchen', username: 'Cleo' }), /There is no room kitchen for you here/)

// The rules are asked before anything is sent; a draft that may not be said is kept, to be mended.
await ada.append('Two soups, please.')
await ada.append(' My card is 4929 1234.')
await assert.rejects(ada.push(), /This may not be said here: it looks like a card number. Your draft is kept./)
await ada.undo()
assert.equal((await ada.push()).status, 1)

// The waiter's seat has the same actions, in this process.
const reads = async who => console.log(renderMessages((await who.check()).messages))
await reads(waiter)
await waiter.append({ text: 'Coming. And for you, Ben?' })
assert.equal((await waiter.push()).status, 1)
await reads(ada)

// Whatever Ben has not read yet comes with his answers, and holds his push until it has come.
await ben.append('Tea for me.')
while ((await ben.push()).held);
await reads(waiter)

await Promise.all([ada.close(), ben.close()])
await rooms.close()
await hub.close()
server.close()
