import { converse } from '@midsentence/agent'
import { AsyncChatRoom } from '@midsentence/client'
import { mockRoom } from '@midsentence/transport-mock'
import { streamText } from 'ai'
import { streamingModel } from './streaming-model.mjs'

/** Number of sentences, of nine words each, that fit one draft. */
const SENTENCES = 300

async function* sentences() {
  for (let n = 0; n < SENTENCES; n++) for (let word = 0; word < 9; word++) yield word === 8 ? 'which ends. ' : 'a word '
}

/** Returns the microseconds per segment in the loop, in memory, from the first word until the message is sent. */
export async function readInLoop() {
  const room = mockRoom()
  let start = 0
  let duration = 0
  await converse({
    model: streamingModel(sentences),
    room: new AsyncChatRoom({ transport: room.peer(), username: 'Claude' }),
    begins: true,
    budget: { turns: 1 },
    onEvent(event) {
      if (event.type === 'asked') start = performance.now()
      if (event.type === 'sent') duration = performance.now() - start
    },
  })
  return (duration * 1000) / SENTENCES
}

/** Returns the microseconds per segment of reading the same stream with the AI SDK alone. */
export async function readOnly() {
  const start = performance.now()
  const { fullStream } = streamText({ model: streamingModel(sentences), prompt: 'Go on.', onError() {} })
  for await (const part of fullStream) if (part.type === 'error') throw part.error
  return ((performance.now() - start) * 1000) / SENTENCES
}
