// Whoever speaks, in a process of their own: `rate` things a second in all, whatever the answers take; or, without it,
// each as soon as it was answered. Tells when each was said, and how many were answered.
import { once } from 'node:events'
import { setTimeout as rest } from 'node:timers/promises'
import { contentOf } from '../delivery/message.mjs'
import { httpCaller } from '../http-caller.mjs'

const [{ contestant, port, speakers, rate, warm, first = 1 }] = await once(process, 'message')
const { call } = await import(`./contestants/${contestant}.mjs`)
process.once('disconnect', () => process.exit())

let said = first - 1
let answered = 0
let saidAt = []
let going = true

const callers = await Promise.all(
  speakers.map(async token => ({ token, line: await httpCaller(port), busy: false, cursor: 0 })),
)

async function say(caller) {
  const n = ++said
  caller.busy = true
  saidAt.push([`${n}`, performance.timeOrigin + performance.now()])
  const answer = await caller.line.call(call(contentOf(n), n, caller.token, caller.cursor))
  caller.cursor = Number(/"cursor":(\d+)/.exec(answer)?.[1] ?? 0)
  caller.busy = false
  answered++
}

/** More code takes longer to be compiled: whoever is measured has spoken so often before. */
async function warmUp() {
  const chatting = async caller => {
    while (said - first + 1 < warm) await say(caller)
  }
  await Promise.all(callers.map(chatting))
  saidAt = []
  answered = 0
}

async function steadily() {
  const began = performance.now()
  const before = said
  while (going) {
    const due = Math.floor(((performance.now() - began) / 1000) * rate)
    while (said - before < due) {
      const free = callers.find(({ busy }) => !busy)
      // All wait for answers: what is due is said late. There are enough of them for that to be rare.
      if (!free) break
      void say(free)
    }
    await rest(1)
  }
}

const atOnce = caller => (going ? say(caller).then(() => atOnce(caller)) : undefined)

process.on('message', asked => {
  if (asked === 'tell') {
    process.send({ answered, saidAt })
    answered = 0
    saidAt = []
  } else if (asked === 'end') process.exit()
  else going = false
})
await warmUp()
process.send('speaking')
if (rate) void steadily()
else for (const caller of callers) void atOnce(caller)
