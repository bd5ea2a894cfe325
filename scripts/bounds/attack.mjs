// A process of attackers: runs the attacks that `run.mjs` names until it has to end.

import { Random } from '@midsentence/conformance/simulation'
import { attacks } from './attacks.mjs'

process.once('message', ({ port, seed, names }) => {
  const running = []
  const state = { ended: false }
  let address = 0
  for (const name of names) {
    const { run, attackers, addresses } = attacks[name]
    for (let nth = 0; nth < attackers; nth++) {
      const random = new Random(seed + running.length)
      const from = `203.0.113.${1 + ((address + (nth % addresses)) % 250)}`
      const attack = { port, host: `127.0.0.1:${port}`, from, random }
      Object.defineProperty(attack, 'ended', { enumerable: true, get: () => state.ended })
      running.push(untilEnded(attack, run))
    }
    address += addresses
  }
  process.once('message', async () => {
    state.ended = true
    await Promise.race([Promise.all(running), new Promise(resolve => setTimeout(resolve, 2000))])
    process.exit()
  })
})
process.once('disconnect', () => process.exit())

/** An attack that ends or fails early, for example since its join was refused, begins again after a pause. */
async function untilEnded(attack, run) {
  while (!attack.ended) {
    await run(attack).catch(() => undefined)
    await new Promise(resolve => setTimeout(resolve, 500))
  }
}
