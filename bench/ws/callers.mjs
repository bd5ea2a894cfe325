// Each calls, waits for the answer and calls again. Says when it is warm, and then how much was answered.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as rest } from 'node:timers/promises'
import { frameOf, wantsSocket } from './frames.mjs'

/** Before a draft is full it is emptied. */
const FULL = 256

const [{ port, tokens, callers, warm, measured }] = await once(process, 'message')
process.once('disconnect', () => process.exit())
let calls = 0

/** One socket; one call at a time. Reads no more of an answer than where it ends. */
async function socketCaller(token) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const bearer = token ? `authorization: Bearer ${token}\r\n` : ''
  socket.write(`GET /ws?quiet HTTP/1.1\r\nhost: 127.0.0.1\r\n${wantsSocket}${bearer}\r\n`)
  const [head] = await once(socket, 'data')
  if (!head.toString().startsWith('HTTP/1.1 101')) throw new Error(head.toString())
  let bytes = Buffer.alloc(0)
  let settle
  socket.on('data', chunk => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const short = bytes[1] & 127
    const end = short < 126 ? 2 + short : bytes.length < 4 ? Infinity : 4 + bytes.readUInt16BE(2)
    if (bytes.length < end) return
    bytes = bytes.subarray(end)
    settle()
  })
  return text =>
    new Promise(resolve => {
      settle = resolve
      socket.write(frameOf(text))
    })
}

async function callOn(call) {
  for (let n = 1; ; n++) {
    const params = n % FULL === 0 ? {} : { text: 'What one says in a single breath, more or less. ' }
    const method = n % FULL === 0 ? 'reset' : 'append'
    await call(JSON.stringify({ jsonrpc: '2.0', id: n, method, params }))
    calls++
  }
}

for (let index = 0; index < callers; index++) void callOn(await socketCaller(tokens[index]))
// By calls, not by time: a server with more code is not to be measured while it is still being compiled.
while (calls < warm) await rest(20)
const before = calls
const start = performance.now()
process.send('warm')
await rest(measured)
process.send({ calls: calls - before, seconds: (performance.now() - start) / 1000 })
