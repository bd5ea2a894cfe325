// Publishers of any server, in one process. With `rate` they publish that many messages per second in all, independent of the
// answers; without it each publishes again once it is answered. Reports publish times and answers on request.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { contentOf } from '../delivery/message.mjs'
import { httpCaller } from '../http-caller.mjs'

const [{ peer, port, publisherTokens, rate, warm, first = 1 }] = await once(process, 'message')
const { call } = await import(`./peers/${peer}.mjs`)
process.once('disconnect', () => process.exit())

let published = first - 1
let answered = 0
let publishedAt = []
let isRunning = true

const callers = await Promise.all(
  publisherTokens.map(async token => ({ token, connection: await httpCaller(port), busy: false, cursor: 0 })),
)

async function publish(caller) {
  const n = ++published
  caller.busy = true
  publishedAt.push([`${n}`, performance.timeOrigin + performance.now()])
  const answer = await caller.connection.call(call(contentOf(n), n, caller.token, caller.cursor))
  if (!/"status":1|"success":true/.test(answer)) throw new Error(`Not published: ${answer}`)
  caller.cursor = Number(/"cursor":(\d+)/.exec(answer)?.[1] ?? 0)
  caller.busy = false
  answered++
}

/** Publishes `warm` messages first, so that the code under test is compiled. */
async function warmUp() {
  const publishRepeatedly = async caller => {
    while (published - first + 1 < warm) await publish(caller)
  }
  await Promise.all(callers.map(publishRepeatedly))
  publishedAt = []
  answered = 0
}

async function publishAtRate() {
  const began = performance.now()
  const before = published
  while (isRunning) {
    const due = Math.floor(((performance.now() - began) / 1000) * rate)
    while (published - before < due) {
      const free = callers.find(({ busy }) => !busy)
      // All callers wait for answers, so this message is late. With enough callers this is rare.
      if (!free) break
      void publish(free)
    }
    await sleep(1)
  }
}

const publishOnAnswer = caller => (isRunning ? publish(caller).then(() => publishOnAnswer(caller)) : undefined)

process.on('message', request => {
  if (request === 'report') {
    process.send({ answered, publishedAt })
    answered = 0
    publishedAt = []
  } else if (request === 'end') process.exit()
  else isRunning = false
})
await warmUp()
process.send('publishing')
if (rate) void publishAtRate()
else for (const caller of callers) void publishOnAnswer(caller)
