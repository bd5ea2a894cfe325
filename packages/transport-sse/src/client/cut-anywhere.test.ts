import type { Inbound, Link } from '@midsentence/core'
import { hubServer } from '@midsentence/testing/servers/hub-server'
import { CuttingFetch } from '@midsentence/testing/sse/cutting-fetch'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { byTier } from '@midsentence/testing/tier'
import { filter, firstValueFrom, skip } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'

const isUp = ({ state }: Link) => state === 'up'
const isLast = (item: Inbound) => item.type === 'message' && item.message.seq === 3

test('nothing twice, nothing skipped, wherever a stream of three events is cut', async () => {
  const server = await hubServer()
  onTestFinished(() => server.close())
  const cut = new CuttingFetch()
  const line = sseTestClient(server.url, { fetch: cut.fetch })
  const { inbound$, link$ } = line.transport
  await line.open('Ada')
  const ben = sseTestClient(server.url)
  await ben.open('Ben')
  for (const [base, text] of ['one\n', 'grüße 🦊', 'data: three\r\n'].entries()) await ben.publish(text, { base })

  const given = async (bytes: number) => {
    const from = line.messages.length
    const whole = firstValueFrom(inbound$.pipe(filter(isLast)))
    const comesBack = firstValueFrom(link$.pipe(skip(1), filter(isUp)))
    cut.limit = bytes
    line.transport.resume(0)
    await whole
    const length = cut.passed
    if (bytes !== Number.POSITIVE_INFINITY) await comesBack
    return { length, messages: line.messages.slice(from) }
  }
  const { length, messages } = await given(Number.POSITIVE_INFINITY)
  expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(length).toBeGreaterThan(500)
  for (let bytes = 0; bytes <= length; bytes += byTier(7, 1)) {
    expect([bytes, (await given(bytes)).messages]).toEqual([bytes, messages])
  }
})
