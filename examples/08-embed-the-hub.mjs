// Rooms inside your own node:http server, beside its other routes and under your policy. Two participants join over
// HTTP; one runs in the server process.
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
    // Three participants per table, and no other rooms.
    access: room => ({ open: room.startsWith('table-'), limit: 3 }),
    content: text =>
      /\d{4}/.test(text) ? { allowed: false, reason: 'it looks like a card number' } : { allowed: true },
  },
})
const rooms = sseHandlers(hub)
const waiter = await hub.join({ room: 'table-1', username: 'Waiter' })

const server = createServer((req, res) => {
  // Answer only to your own host name: a foreign page can point its name at this machine (DNS rebinding).
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

// The policy is asked before a message is sent. A refused draft is kept, to be changed.
await ada.append('Two soups, please.')
await ada.append(' My card is 4929 1234.')
await assert.rejects(ada.push(), /This may not be said here: it looks like a card number. Your draft is kept./)
await ada.undo()
assert.equal((await ada.push()).status, 1)

// The waiter's session has the same actions, in this process.
const printMessages = async session => console.log(renderMessages((await session.check()).messages))
await printMessages(waiter)
await waiter.append({ text: 'Coming. And for you, Ben?' })
assert.equal((await waiter.push()).status, 1)
await printMessages(ada)

// Ben's push is held until its answers have brought every message.
await ben.append('Tea for me.')
while ((await ben.push()).held);
await printMessages(waiter)

await Promise.all([ada.close(), ben.close()])
await rooms.close()
await hub.close()
server.close()
