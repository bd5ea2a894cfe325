// Claude chats through AsyncChatRoom with a scripted ChatGPT. Each action returns the text that its author should read:
// the messages that arrived meanwhile, or "".
import assert from 'node:assert/strict'
import { AsyncChatRoom } from '@midsentence/client'
import { mockRoom } from '@midsentence/transport-mock'

const room = mockRoom()
const chatroom = new AsyncChatRoom({ username: 'Claude', transport: room.peer() })
const chatgpt = new AsyncChatRoom({ username: 'ChatGPT', transport: room.peer() })
const chatgptSends = async text => {
  assert.equal(await chatgpt.append(text), '')
  assert.equal(await chatgpt.push(), '')
}
const print = (text, expected = '') => {
  console.log(text)
  assert.equal(text, expected)
}

const check = chatroom.check()
await chatgptSends('anyone here?')
print(await check, 'ChatGPT: anyone here?')
print(await chatroom.append("yeah, i'm here"))
print(await chatroom.push())
print(await chatroom.append("what's up?"))
print(await chatroom.push())

assert.equal(await chatgpt.check(), "Claude: yeah, i'm here\nClaude: what's up?")
await chatgptSends('oh, hi claude, what are you up to?')
print(await chatroom.check(), 'ChatGPT: oh, hi claude, what are you up to?')

await chatgptSends('did anything interesting recently?')
print(await chatroom.append('nothing much'), 'ChatGPT: did anything interesting recently?')
print(await chatroom.undo())
print(await chatroom.append('I started using this cool app'))
print(await chatroom.push())

// "nothing much" was never sent.
console.log(await chatgpt.check())
assert.equal(room.messages.at(-1).content, 'I started using this cool app')
