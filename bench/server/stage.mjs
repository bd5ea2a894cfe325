import { once } from 'node:events'
import { setTimeout as rest } from 'node:timers/promises'
import { heard, start } from '../process.mjs'

/** What a process answers to `asked`. */
export async function ask(child, asked) {
  child.send(asked)
  return heard(child)
}

/** A server, readers and publishers, each in a process of its own. `manners`: how many readers of which manner. */
export async function staged(contestant, { manners, publishers, rate, warm = 0 }) {
  const readers = Object.values(manners).reduce((sum, count) => sum + count, 0)
  const host = start('./host.mjs', import.meta.url, contestant, readers, publishers)
  const { port, hellos, speakers, bare, descriptors } = await heard(host)
  const before = await ask(host, 'tell')
  const audiences = {}
  let from = 0
  for (const [manner, count] of Object.entries(manners)) {
    if (count === 0) continue
    audiences[manner] = start('./audience.mjs', import.meta.url)
    await ask(audiences[manner], { join: { port, hellos: hellos.slice(from, from + count), manner } })
    from += count
  }
  const stage = {
    audiences,
    /** What the server's process said of itself before anybody was there; `bare`: its memory before it knew of anybody. */
    before: { ...before, bare, descriptors },
    state: () => ask(host, 'tell'),
    async speak() {
      stage.publishers = start('./publishers.mjs', import.meta.url)
      await ask(stage.publishers, { contestant, port, speakers, rate, warm })
    },
    /** What was said, answered and heard since one asked last. */
    async tell() {
      const said = await ask(stage.publishers, 'tell')
      const told = {}
      for (const [manner, audience] of Object.entries(audiences)) told[manner] = await ask(audience, { tell: true })
      return { ...said, told }
    },
    async hush() {
      stage.publishers?.send('stop')
      await rest(300)
    },
    async leave() {
      for (const audience of Object.values(audiences)) await ask(audience, { end: true })
      stage.publishers?.send('end')
      await rest(500)
    },
    async end() {
      const children = [host, stage.publishers, ...Object.values(audiences)].filter(
        child => child && child.exitCode === null && child.signalCode === null,
      )
      const gone = children.map(child => once(child, 'exit'))
      for (const child of children) child === host ? host.send('end') : child.kill('SIGKILL')
      await Promise.all(gone)
    },
  }
  return stage
}

/** How long deliveries were under way, in milliseconds: the middle one, and what one in a hundred exceeds. */
export function delays(saidAt, heardAt) {
  const said = new Map(saidAt)
  const times = heardAt
    .flatMap(([n, at]) => (said.has(n) ? at.map(moment => moment - said.get(n)) : []))
    .sort((a, b) => a - b)
  return { count: times.length, median: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)] }
}
