import { newHub } from '@midsentence/testing/harness/hub-harness'
import { expect, test } from 'vitest'

test('[V2] a stream begins at the cursor, goes on with live messages, and includes one’s own', async () => {
  const { join, say, listen } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  await say(bo, 'one')
  const received = await listen(ada)
  await say(bo, 'two')
  await say(ada, 'mine')
  expect(received.contents).toEqual(['one', 'two', 'mine'])
  expect(received.subscription.cursor).toBe(3)
  expect(ada.snapshotCursor()).toEqual({ cursor: 3, shown: 3 })
})

test('[L6] streams never move the cursor of a hosted session', async () => {
  const { join, say, listen } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  const received = await listen(ada)
  await say(bo, 'shown')
  expect(received.contents).toEqual(['shown'])
  expect(ada.snapshotCursor()).toEqual({ cursor: 0, shown: 1 })
  await ada.append({ text: 'x' }, { notification: true })
  expect(await ada.push()).toMatchObject({ held: true, messages: [{ content: 'shown' }] })
})

test('[V2] a stream gives nothing before `resume`; two streams of a session both get everything', async () => {
  const { join, say, listen } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  const seqs: number[] = []
  const late = await ada.subscribe({
    messages: batch => seqs.push(...batch.map(({ seq }) => seq)) > 0,
    missed: () => {},
    presence: () => {},
    ended: () => {},
  })
  const received = await listen(ada)
  await say(bo, 'one')
  expect(seqs).toEqual([])
  late.resume()
  await say(bo, 'two')
  expect([seqs, received.seqs]).toEqual([
    [1, 2],
    [1, 2],
  ])
})

test('[V5] a paused stream reads on from the log, without a gap or a duplicate', async () => {
  const { clock, join, say, listen } = await newHub({ tail: 2 })
  const ada = await join('Ada')
  const bo = await join('Bo')
  const received = await listen(ada)
  await say(bo, '1')
  received.open = false
  for (let i = 2; i <= 20; i++) await say(bo, `${i}`)
  expect(received.seqs).toEqual([1, 2])
  received.open = true
  received.subscription.resume()
  received.subscription.resume()
  await say(bo, '21')
  await clock.settle()
  expect(received.seqs).toEqual(Array.from({ length: 21 }, (_, i) => i + 1))
})

test('messages of one turn are written once and delivered as one batch, the same array for all', async () => {
  const { clock, join, listen } = await newHub()
  const sessions = await Promise.all(['a', 'b', 'c', 'd'].map(name => join(name, 'r')))
  const streams = await Promise.all(sessions.map(session => listen(session)))
  for (const [i, session] of sessions.entries()) void session.publish({ content: `${i}`, base: 0, key: `${i}` })
  await clock.settle()
  // Only the first is sent; the others are held by it.
  expect(streams.map(({ batches }) => batches.length)).toEqual([1, 1, 1, 1])
  expect(new Set(streams.map(({ batches }) => batches[0]))).toHaveProperty('size', 1)
})

test('a stream gives nothing after close or leave', async () => {
  const { join, say, listen } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  const first = await listen(ada)
  const second = await listen(ada)
  first.subscription.close()
  first.subscription.close()
  await say(bo, 'one')
  await ada.leave()
  await say(bo, 'two')
  expect([first.seqs, first.reason, second.seqs]).toEqual([[], undefined, [1]])
  expect(second.reason).toContain('left the room')
})
