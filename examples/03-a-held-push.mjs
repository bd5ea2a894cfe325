// Two participants push at the same moment. The room accepts one push and holds the other, so that no message crosses an
// unread one.
import assert from 'node:assert/strict'
import { AsyncChatRoom } from '@midsentence/client'
import { mockRoom } from '@midsentence/transport-mock'

// Each message travels for 20 ms and Ada's push for 40 ms, so that both are in flight at the same time.
const room = mockRoom({ latency: 20 })
const slowPeer = room.peer()
slowPeer.injectFault({ type: 'delay', to: 'room', ms: 20 })
const ada = new AsyncChatRoom({ username: 'Ada', transport: slowPeer })
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

// A held push is not an error: the draft is unchanged, and its author has read the new message.
assert.equal(await ada.preview(), '* Your draft so far:\n    The launch is on Friday')
await ada.undo()
await ada.append('Monday it is.')
assert.equal(await ada.push(), '')

assert.deepEqual(
  room.messages.map(({ seq, sender_id, content, base }) => ({ seq, sender_id, content, base })),
  [
    { seq: 1, sender_id: 'Ben', content: 'The launch has moved to Monday.', base: 0 },
    // Ada had received every earlier message.
    { seq: 2, sender_id: 'Ada', content: 'Monday it is.', base: 1 },
  ],
)
console.log(await ben.check())
