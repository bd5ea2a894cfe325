import { converse } from '@midsentence/agent'
import { AsyncChatRoom } from '@midsentence/client'
import { mockRoom } from '@midsentence/transport-mock'
import { streamText } from 'ai'
import { streamingModel } from './streaming-model.mjs'

/** Sentences of nine words each, a word at a time: what fits one draft. */
const SENTENCES = 300

async function* sentences() {
  for (let n = 0; n < SENTENCES; n++) for (let word = 0; word < 9; word++) yield word === 8 ? 'which ends. ' : 'a word '
}

/** Microseconds a segment that a message of many sentences takes in the loop, in memory, from the first word to sent. */
export async function inTheLoop() {
  const room = mockRoom()
  let begun = 0
  let took = 0
  await converse({
    model: streamingModel(sentences),
    room: new AsyncChatRoom({ transport: room.peer(), username: 'Claude' }),
    begins: true,
    budget: { turns: 1 },
    onEvent(event) {
      if (event.type === 'asked') begun = performance.now()
      if (event.type === 'sent') took = performance.now() - begun
    },
  })
  return (took * 1000) / SENTENCES
}

/** The same stream, only read, by the AI SDK alone. */
export async function onlyRead() {
  const begun = performance.now()
  const { fullStream } = streamText({ model: streamingModel(sentences), prompt: 'Go on.', onError() {} })
  for await (const part of fullStream) if (part.type === 'error') throw part.error
  return ((performance.now() - begun) * 1000) / SENTENCES
}
