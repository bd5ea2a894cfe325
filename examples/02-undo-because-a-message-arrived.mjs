// An answer is data too. Here an author looks at what came with its last step, and takes that step back.
import assert from 'node:assert/strict'
import { join } from '@midsentence/core'
import { mockRoom } from '@midsentence/transport-mock'

const room = mockRoom()
const ada = await join({ transport: room.peer(), username: 'Ada' })
const ben = await join({ transport: room.peer(), username: 'Ben' })

// Both write. Neither sees the other's draft.
await ada.append('Let us meet on Monday')
await ben.append('I am away until Tuesday.')
await ben.push()

// The append is done, and its answer says what Ada could not know when she wrote it.
const answer = await ada.append(', at nine.')
assert.equal(answer.suffix, 'Let us meet on Monday, at nine.')
assert.deepEqual(
  answer.messages.map(({ sender_id, content }) => `${sender_id}: ${content}`),
  ['Ben: I am away until Tuesday.'],
)

// So she takes back both steps; nobody has seen them.
await ada.undo()
await ada.undo()
await ada.append('Let us meet on Wednesday.')
const { draft, segments } = await ada.preview()
assert.equal(draft, 'Let us meet on Wednesday.')
// Each segment remembers what its author had been given when it was written: here, message 1.
assert.deepEqual(segments, [{ length: 25, base: 1 }])
assert.equal((await ada.push()).status, 1)

const [message] = (await ben.check()).messages
console.log(`${message.sender_id}: ${message.content}`)
