// Sends one message after another and receives it over a stream, with the same code for every server.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../core/measure.mjs'
import { httpCaller } from '../http-caller.mjs'
import { contentOf, END_MARK } from './message.mjs'

const [peer, count] = process.argv.slice(2)
const { calls } = await import(`./peers/${peer}.mjs`)
const [{ port, streamRequest, token, maxPauseMs = 0 }] = await once(process, 'message')
process.once('disconnect', () => process.exit())

const stream = connect({ port, host: '127.0.0.1' }).setEncoding('latin1')
stream.write(streamRequest)
await once(stream, 'data')
let arrived
stream.on('data', text => {
  if (text.includes(END_MARK)) arrived?.()
})

const caller = await httpCaller(port)
const times = []
const warmUp = maxPauseMs ? 0 : 5000
for (let n = 1; n <= Number(count) + warmUp; n++) {
  const requests = calls(contentOf(n), n, token)
  // The Python server polls: send at random moments of its interval.
  if (maxPauseMs) await sleep(Math.random() * maxPauseMs)
  for (const request of requests.slice(0, -1)) await caller.call(request)
  const delivered = new Promise(resolve => {
    arrived = resolve
  })
  const start = performance.now()
  const answered = caller.call(requests.at(-1))
  await delivered
  if (n > warmUp) times.push(performance.now() - start)
  await answered
}
times.sort((a, b) => a - b)
process.send({ value: median(times) * 1000, p99: times[Math.floor(times.length * 0.99)] * 1000 })
