import type { Inbound, Link } from '@midsentence/core'
import { hubServer } from '@midsentence/testing/servers/hub-server'
import { CuttingFetch } from '@midsentence/testing/sse/cutting-fetch'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { byTier } from '@midsentence/testing/tier'
import { filter, firstValueFrom, skip } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'

const isUp = ({ state }: Link) => state === 'up'
const isLast = (item: Inbound) => item.type === 'message' && item.message.seq === 3

test('messages come complete and in order wherever a stream is cut', async () => {
  const server = await hubServer()
  onTestFinished(() => server.close())
  const cut = new CuttingFetch()
  const client = sseTestClient(server.url, { fetch: cut.fetch })
  const { inbound$, link$ } = client.transport
  await client.open('Ada')
  const ben = sseTestClient(server.url)
  await ben.open('Ben')
  for (const [base, text] of ['one\n', 'grüße 🦊', 'data: three\r\n'].entries()) await ben.publish(text, { base })

  const receive = async (bytes: number) => {
    const from = client.messages.length
    const received = firstValueFrom(inbound$.pipe(filter(isLast)))
    const reconnected = firstValueFrom(link$.pipe(skip(1), filter(isUp)))
    cut.limit = bytes
    client.transport.resume(0)
    await received
    const length = cut.passed
    if (bytes !== Number.POSITIVE_INFINITY) await reconnected
    return { length, messages: client.messages.slice(from) }
  }
  const { length, messages } = await receive(Number.POSITIVE_INFINITY)
  expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(length).toBeGreaterThan(500)
  for (let bytes = 0; bytes <= length; bytes += byTier(7, 1)) {
    expect([bytes, (await receive(bytes)).messages]).toEqual([bytes, messages])
  }
})
