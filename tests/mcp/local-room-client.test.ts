import { AsyncChatRoom } from '@midsentence/client'
import { virtualClock } from '@midsentence/core'
import { localRoomClient } from '@midsentence/mcp'
import { startServer } from '@midsentence/server'
import { stallingProxy } from '@midsentence/testing/stalling-proxy'
import { expect, onTestFinished, test, vi } from 'vitest'

/** A participant that joined through a proxy whose connections can become half-open. All time limits run on `clock`. */
async function joinedThroughProxy() {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const proxy = await stallingProxy(server.url)
  const clock = virtualClock()
  const room = new AsyncChatRoom({ url: proxy.url, username: 'Claude', clock })
  onTestFinished(() => {
    proxy.heal()
    void room.close()
  })
  const client = localRoomClient(room, clock)
  const call = (tool: Parameters<typeof client.call>[0], args = {}) =>
    client.call(tool, args, new AbortController().signal)
  await call('who')
  /** Passes time in small steps until `answer` has settled, and returns it with the seconds that passed. */
  const settled = async <A>(answer: Promise<A>) => {
    const began = clock.monotonic()
    let result: { answer: A; seconds: number } | undefined
    void answer.then(answer => {
      result = { answer, seconds: (clock.monotonic() - began) / 1000 }
    })
    const step = async () => {
      if (!result) await clock.advance(500)
      expect(result).toBeDefined()
    }
    await vi.waitFor(step, { interval: 1, timeout: 20_000 })
    return result!
  }
  return { server, proxy, call, settled }
}

test('while a push waits on a dead connection, each tool answers with a sentence, and all of them take effect later', async () => {
  const { server, proxy, call, settled } = await joinedThroughProxy()
  await call('append', { text: 'First.' })
  proxy.stall('silent', 'now')
  const pushed = await settled(call('push'))
  expect(pushed.seconds).toBeLessThanOrEqual(41)
  expect(pushed.answer).toMatchObject({ failed: true })
  expect(pushed.answer.text).toMatch(
    /^\* It is not certain yet whether your message was sent\. The connection to http:\S+ is down: .*\. Your draft is kept\. Check later/,
  )
  const appended = await settled(call('append', { text: 'Second.' }))
  expect(appended.seconds).toBeLessThanOrEqual(41)
  expect(appended.answer.text).toMatch(
    /^\* An earlier push is not answered yet\. .* This append takes effect after it: do not repeat it\. Check later\.$/,
  )
  proxy.heal()
  const { answer } = await settled(call('preview'))
  expect(answer.data).toMatchObject({ draft: 'Second.' })
  expect((await server.hub.join({ username: 'Ada' })).joinResult.cursor).toBe(1)
})
