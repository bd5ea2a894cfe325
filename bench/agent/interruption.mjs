import { converse } from '@midsentence/agent'
import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { median } from '../core/measure.mjs'
import { streamingModel } from './streaming-model.mjs'

/** A word each millisecond, without end. */
async function* endless() {
  for (let n = 0; ; n++) {
    await new Promise(resolve => setTimeout(resolve, 1))
    yield n % 8 === 7 ? 'word. ' : 'word '
  }
}

/**
 * Interrupts a model that writes, over a real server, `times` times. Medians in microseconds: from the message's arrival
 * at the model's participant, and from the call of the push that sends it, each to the abort seen at the model.
 */
export async function interruptions(times) {
  const server = await startServer({ port: 0 })
  const fromArrival = []
  const fromPush = []
  const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
  const room = new AsyncChatRoom({ url: server.url, username: 'Claude' })
  const participant = await room.participant()
  const stopping = new AbortController()
  let arrived = 0
  let pushed = 0
  let stopped = () => {}
  const model = streamingModel(endless, at => {
    if (arrived > pushed && pushed > 0) {
      fromArrival.push((at - arrived) * 1000)
      fromPush.push((at - pushed) * 1000)
    }
    stopped()
  })
  participant.events$.subscribe(event => {
    if (event.type === 'arrived') arrived = performance.now()
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
    pushed = performance.now()
    await Promise.all([ada.push(), stop])
  }
  pushed = 0
  stopping.abort()
  await ended
  await ada.close()
  await server.close()
  return { fromArrival: median(fromArrival), fromPush: median(fromPush) }
}
