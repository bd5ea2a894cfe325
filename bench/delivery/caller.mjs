// Says one thing after another, and hears it by a stream of its own: both by the same code, whatever the server.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as rest } from 'node:timers/promises'
import { median } from '../core/measure.mjs'
import { httpCaller } from '../http-caller.mjs'
import { contentOf, MARK } from './message.mjs'

const [contestant, count] = process.argv.slice(2)
const { calls } = await import(`./contestants/${contestant}.mjs`)
const [{ port, hello, token, rests = 0 }] = await once(process, 'message')
process.once('disconnect', () => process.exit())

const stream = connect({ port, host: '127.0.0.1' }).setEncoding('latin1')
stream.write(hello)
await once(stream, 'data')
let arrived
stream.on('data', text => {
  if (text.includes(MARK)) arrived?.()
})

const caller = await httpCaller(port)
const times = []
const warming = rests ? 0 : 5000
for (let n = 1; n <= Number(count) + warming; n++) {
  const requests = calls(contentOf(n), n, token)
  // Where the server looks only now and then, one should not always meet it at the same moment.
  if (rests) await rest(Math.random() * rests)
  for (const request of requests.slice(0, -1)) await caller.call(request)
  const delivered = new Promise(resolve => {
    arrived = resolve
  })
  const start = performance.now()
  const answered = caller.call(requests.at(-1))
  await delivered
  if (n > warming) times.push(performance.now() - start)
  await answered
}
times.sort((a, b) => a - b)
process.send({ value: median(times) * 1000, p99: times[Math.floor(times.length * 0.99)] * 1000 })
