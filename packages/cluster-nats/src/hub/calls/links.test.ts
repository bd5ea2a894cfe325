import { virtualClock } from '@midsentence/core'
import { expect, test } from 'vitest'
import { ClusterCounters } from '../cluster-counters.ts'
import { decodeFrame, type Frame, type Item } from './frames.ts'
import { Links } from './links.ts'

test('all that one turn of the event loop brings for a server goes in one frame', async () => {
  const endOfTurn: (() => void)[] = []
  const sent: (readonly [to: string, frame: Frame])[] = []
  const links = new Links({
    id: 'one',
    clock: { ...virtualClock(), soon: run => void endOfTurn.push(run) },
    counters: new ClusterCounters(),
    newSeries: () => 'series',
    bus: {
      listen: async () => async () => {},
      send: (to, bytes) => void sent.push([to, decodeFrame(bytes)]),
    },
    receive() {},
    lost() {},
    isBusy: () => false,
  })
  await links.start()
  const event: Item = { t: 'event', streams: [1], kind: 'messages', value: ['hello'] }
  const done: Item = { t: 'done', id: 2, value: { status: 1 } }
  links.send('two', event)
  // The answer to a call follows the event that the call caused, some promises later.
  for (let turn = 0; turn < 20; turn++) await undefined
  links.send('two', done)
  links.send('three', done)
  expect(sent).toEqual([])
  for (const run of endOfTurn.splice(0)) run()
  links.send('two', done)
  for (const run of endOfTurn.splice(0)) run()
  expect(sent.map(([to, { n, items }]) => [to, n, items])).toEqual([
    ['two', 0, [event, done]],
    ['three', 0, [done]],
    ['two', 1, [done]],
  ])
})
