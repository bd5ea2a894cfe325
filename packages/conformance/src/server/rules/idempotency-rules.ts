import { must, same } from '../../kit/assertions.ts'
import { within } from '../caller.ts'
import type { ServerScenario } from '../server-rule.ts'
import { earnFloor } from './waiting-rules.ts'

/** Checks that calls without effect repeat their answer too. */
export async function repeatsNoop({ join }: ServerScenario): Promise<void> {
  const kim = await join('Kim')
  const nothing = await kim.call('undo', { key: 'a' })
  same(nothing.status, 0, 'an undo of an empty draft did not answer with status 0')
  const empty = await kim.call('append', { text: '', key: 'b' })
  await kim.call('append', { text: 'here' })
  same(await kim.call('undo', { key: 'a' }), nothing, 'a repeated undo without effect was executed')
  same(await kim.call('append', { text: '', key: 'b' }), empty, 'a repeated append without effect was executed')
  same((await kim.call('preview')).draft, 'here', 'a repeated call had an effect')
}

/** Checks that a push which waits for a floor has one outcome, also if it is repeated meanwhile. */
export async function repeatsFloorWait({ harness, join }: ServerScenario): Promise<void> {
  const [lou, max] = [await join('Lou'), await join('Max')]
  await earnFloor(lou, max)
  await max.call('append', { text: 'once' })
  const vain = await max.call('push', { key: 'vain', timeout_ms: 0 })
  must(vain.held === true && vain.floor !== undefined, 'a push during the floor of another was not held', vain)
  const push = { key: 'waits', timeout_ms: 200_000 }
  const first = max.call('push', push)
  first.catch(() => {})
  await harness.settle()
  const second = max.call('push', push)
  second.catch(() => {})
  await harness.settle()
  await lou.call('yield')
  const [one, other] = [
    await within(harness, first, 'a push that waits for a floor'),
    await within(harness, second, 'a push repeated while it waits'),
  ]
  same(one.status, 1, 'a waiting push with nothing unseen was held')
  same(other, one, 'a push repeated while it waits was judged separately')
  await max.call('append', { text: 'and again' })
  same(await max.call('push', { key: 'vain' }), vain, 'a wait that timed out was repeated instead of its answer')
  const { messages } = await lou.call('preview')
  same(
    messages.map(({ content }) => content),
    ['once'],
    'a repeated push had more than one effect',
  )
}
