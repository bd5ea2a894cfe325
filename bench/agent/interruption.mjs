import { converse } from '@midsentence/agent'
import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { median } from '../core/measure.mjs'
import { streamingModel } from './streaming-model.mjs'

/** Yields a word each millisecond, without end. */
async function* endless() {
  for (let n = 0; ; n++) {
    await new Promise(resolve => setTimeout(resolve, 1))
    yield n % 8 === 7 ? 'word. ' : 'word '
  }
}

/**
 * Interrupts a writing model `times` times, over a real server. Resolves with two medians in microseconds until the
 * model is aborted: from the moment its participant receives the message, and from the call of the push.
 */
export async function interruptions(times) {
  const server = await startServer({ port: 0 })
  const fromReceipt = []
  const fromPush = []
  const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
  const room = new AsyncChatRoom({ url: server.url, username: 'Claude' })
  const participant = await room.participant()
  const stopping = new AbortController()
  let receivedAt = 0
  let pushedAt = 0
  let stopped = () => {}
  const model = streamingModel(endless, at => {
    if (receivedAt > pushedAt && pushedAt > 0) {
      fromReceipt.push((at - receivedAt) * 1000)
      fromPush.push((at - pushedAt) * 1000)
    }
    stopped()
  })
  participant.events$.subscribe(event => {
    if (event.type === 'arrived') receivedAt = performance.now()
  })
  let wrote = () => {}
  const ended = converse({
    model,
    room,
    begins: true,
    maxInterruptions: Number.POSITIVE_INFINITY,
    budget: { tokens: Number.POSITIVE_INFINITY },
    signal: stopping.signal,
    onEvent(event) {
      if (event.type === 'wrote') wrote()
    },
  })
  for (let n = 0; n < times; n++) {
    await new Promise(resolve => {
      wrote = resolve
    })
    const stop = new Promise(resolve => {
      stopped = resolve
    })
    await ada.append(`Wait, here is interruption ${n}.`)
    pushedAt = performance.now()
    await Promise.all([ada.push(), stop])
  }
  pushedAt = 0
  stopping.abort()
  await ended
  await ada.close()
  await server.close()
  return { fromReceipt: median(fromReceipt), fromPush: median(fromPush) }
}
