// Two push at the same moment. The room takes one first and holds the other: messages never cross unread.
import assert from 'node:assert/strict'
import { AsyncChatRoom } from '@midsentence/client'
import { mockRoom } from '@midsentence/transport-mock'

// Whatever is sent travels for 20 ms here, and Ada's push a little longer: both are under way at the same time.
const room = mockRoom({ latency: 20 })
const line = room.peer()
line.injectFault({ type: 'delay', to: 'room', ms: 20 })
const ada = new AsyncChatRoom({ username: 'Ada', transport: line })
const ben = new AsyncChatRoom({ username: 'Ben', transport: room.peer() })

await ada.append('The launch is on Friday')
await ben.append('The launch has moved to Monday.')
const [first, second] = await Promise.all([ben.push(), ada.push()])
assert.equal(first, '')
assert.equal(
  second,
  'Ben: The launch has moved to Monday.\n' +
    '* Not sent yet: 1 message arrived while you were writing. Your draft is kept. ' +
    'Push again to send it as it is, or undo, append or reset first.',
)
console.log(second)

// Held is no error: the draft is as it was, and now its author knows more.
assert.equal(await ada.preview(), '* Your draft so far:\n    The launch is on Friday')
await ada.undo()
await ada.append('Monday it is.')
assert.equal(await ada.push(), '')

assert.deepEqual(
  room.messages.map(({ seq, sender_id, content, base }) => ({ seq, sender_id, content, base })),
  [
    { seq: 1, sender_id: 'Ben', content: 'The launch has moved to Monday.', base: 0 },
    // Judged by what Ada had been given: everything before it.
    { seq: 2, sender_id: 'Ada', content: 'Monday it is.', base: 1 },
  ],
)
console.log(await ben.check())
