import { must, same } from '../../kit/assertions.ts'
import { within } from '../caller.ts'
import type { Scene } from '../server-rule.ts'
import { withFloor } from './waiting-rules.ts'

/** What was not done is remembered like what was. */
export async function ofNothing({ join }: Scene): Promise<void> {
  const kim = await join('Kim')
  const nothing = await kim.call('undo', { key: 'a' })
  same(nothing.status, 0, 'an undo of an empty draft did not say 0')
  const empty = await kim.call('append', { text: '', key: 'b' })
  await kim.call('append', { text: 'here' })
  same(await kim.call('undo', { key: 'a' }), nothing, 'an undo of nothing was tried again under its key')
  same(await kim.call('append', { text: '', key: 'b' }), empty, 'an append of nothing was tried again under its key')
  same((await kim.call('preview')).draft, 'here', 'a repeated call had an effect')
}

/** A wait for somebody's floor is answered once, and who asks again while it lasts waits with it. */
export async function ofFloors({ bench, join }: Scene): Promise<void> {
  const [lou, max] = [await join('Lou'), await join('Max')]
  await withFloor(lou, max)
  await max.call('append', { text: 'once' })
  const vain = await max.call('push', { key: 'vain', timeout_ms: 0 })
  must(vain.held === true && vain.floor !== undefined, 'a push past the floor of another was not held', vain)
  const push = { key: 'waits', timeout_ms: 200_000 }
  const first = max.call('push', push)
  first.catch(() => {})
  await bench.settle()
  const second = max.call('push', push)
  second.catch(() => {})
  await bench.settle()
  await lou.call('yield')
  const [one, other] = [
    await within(bench, first, 'a push that waited for a floor'),
    await within(bench, second, 'a push that was repeated while it waited'),
  ]
  same(one.status, 1, 'a push that waited for a floor was held, though nothing was said meanwhile')
  same(other, one, 'a push that was repeated while it waited was judged by itself')
  await max.call('append', { text: 'and again' })
  same(await max.call('push', { key: 'vain' }), vain, 'a wait in vain was tried again under its key')
  const { messages } = await lou.call('preview')
  same(
    messages.map(({ content }) => content),
    ['once'],
    'a push that was repeated had more than one effect',
  )
}
