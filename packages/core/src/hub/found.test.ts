import { expect, test } from 'vitest'
import { virtualClock } from '../memory/virtual-clock.ts'
import { openHub } from './index.ts'

/** Counterexamples that were found by playing at random, each kept as the shortest story that shows it. */

async function two() {
  const hub = await openHub({ clock: virtualClock() })
  const ada = await hub.join({ username: 'Ada' })
  const ben = await hub.join({ username: 'Ben' })
  const says = async (content: string) => {
    await ben.append({ text: content })
    while ((await ben.push()).status === 0);
  }
  return { hub, ada, ben, says }
}

test.each([false, true])(
  '[P4] an answer told again tells the cursor it told, though nothing had been said then (notification: %s)',
  async silent => {
    const { ada, says } = await two()
    const first = await ada.append({ text: 'a', key: 'k' }, { silent })
    await says('one')
    await ada.check()
    // One who then says `after: 1` would never be given what the lost answer of the check held.
    expect(await ada.append({ text: 'a', key: 'k' })).toEqual(first)
  },
)

test('[H1] a base below what one may read is raised to that: nobody is held by what it is never shown', async () => {
  const { hub, says } = await two()
  await says('before she came')
  const cleo = await hub.join({ username: 'Cleo' })
  expect(await cleo.publish({ content: 'hello', base: 0, key: 'k' })).toMatchObject({ status: 1, seq: 2 })
})
