// Answers are data. Ada reads the messages that came with her last append, and takes that append back.
import assert from 'node:assert/strict'
import { join } from '@midsentence/core'
import { mockRoom } from '@midsentence/transport-mock'

const room = mockRoom()
const ada = await join({ transport: room.peer(), username: 'Ada' })
const ben = await join({ transport: room.peer(), username: 'Ben' })

// Both write. Neither sees the draft of the other.
await ada.append('Let us meet on Monday')
await ben.append('I am away until Tuesday.')
await ben.push()

// The append succeeds, and its answer brings the message that Ada had not read.
const answer = await ada.append(', at nine.')
assert.equal(answer.suffix, 'Let us meet on Monday, at nine.')
assert.deepEqual(
  answer.messages.map(({ sender_id, content }) => `${sender_id}: ${content}`),
  ['Ben: I am away until Tuesday.'],
)

// She takes back both segments, which no other participant has seen.
await ada.undo()
await ada.undo()
await ada.append('Let us meet on Wednesday.')
const { draft, segments } = await ada.preview()
assert.equal(draft, 'Let us meet on Wednesday.')
// `base` is the newest message that its author had received when the segment was written.
assert.deepEqual(segments, [{ length: 25, base: 1 }])
assert.equal((await ada.push()).status, 1)

const [message] = (await ben.check()).messages
console.log(`${message.sender_id}: ${message.content}`)
