import { AsyncChatRoom } from '@midsentence/client'
import { hostedRoomClient } from '@midsentence/mcp'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'

async function joined() {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const { joinResult } = await server.hub.join({ username: 'Claude', secret: '0123456789abcdef0123' })
  const client = hostedRoomClient({ url: server.url, token: joinResult.token })
  const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
  onTestFinished(() => ada.close())
  const call = (tool: Parameters<typeof client.call>[0], args = {}, signal = new AbortController().signal) =>
    client.call(tool, args, signal)
  await call('who')
  const say = async (text: string) => {
    await ada.append(text)
    return ada.push()
  }
  await ada.append('')
  return { client, ada, call, say }
}

test('calls of one turn take effect in order, and a push is held by the messages of a check', async () => {
  const { ada, call, say } = await joined()
  await Promise.all(['Mine, ', 'in ', 'this ', 'order.'].map(text => call('append', { text })))
  await say('Yours.')
  const [checked, pushed] = await Promise.all([call('check'), call('push')])
  expect(checked.text).toBe('Ada: Yours.')
  expect(pushed.data).toMatchObject({ status: 0, held: true })
  expect((await call('push')).data).toMatchObject({ status: 1 })
  expect(await ada.check()).toBe('Claude: Mine, in this order.')
})

test('messages of an aborted call are delivered with the next one', async () => {
  const { call, say, client } = await joined()
  const giving = new AbortController()
  const given = call('check', {}, giving.signal)
  given.catch(() => {})
  giving.abort()
  await say('Are you there?')
  await expect(given).rejects.toMatchObject({ name: 'AbortError' })
  expect((await call('append', { text: 'Yes.' })).text).toMatch(
    /^Ada: Are you there\?\n\* This came while you were writing/,
  )
  expect((await call('check', { timeout_ms: 0 })).data).toMatchObject({ status: 0, messages: [] })
  expect((await call('push')).data).toMatchObject({ status: 1 })
  expect((await client.transcript()).map(({ sender_id, content }) => [sender_id, content])).toEqual([
    ['Ada', 'Are you there?'],
    ['Claude', 'Yes.'],
  ])
})
