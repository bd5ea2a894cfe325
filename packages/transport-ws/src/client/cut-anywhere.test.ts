import type { Inbound, Link } from '@midsentence/core'
import { hubServer } from '@midsentence/testing/servers/hub-server'
import { byTier } from '@midsentence/testing/tier'
import { CuttingProxy } from '@midsentence/testing/ws/cutting-proxy'
import { wsTestClient } from '@midsentence/testing/ws/ws-client'
import { filter, firstValueFrom } from 'rxjs'
import { expect, onTestFinished, test, vi } from 'vitest'

const isDown = ({ state }: Link) => state === 'down'
const isUp = ({ state }: Link) => state === 'up'
const isLast = (item: Inbound) => item.type === 'message' && item.message.seq === 3

/** Every byte in the long tier; otherwise a step that still meets every kind of position. */
const STEP = byTier(7, 1)

test('messages come complete and in order wherever a reconnecting socket is cut', async () => {
  const server = await hubServer()
  onTestFinished(() => server.close())
  const cut = await CuttingProxy.start(server.url)
  const ben = wsTestClient(server.url)
  await ben.open('Ben')
  const client = wsTestClient(cut.url, { backoff: { minMs: 1, maxMs: 2 } })
  const { inbound$, link$ } = client.transport
  await client.open('Ada')
  for (const [base, text] of ['one\n', 'grüße 🦊', 'data: three\r\n'].entries()) await ben.publish(text, { base })
  await vi.waitFor(() => expect(client.messages).toHaveLength(3))
  const messages = [...client.messages]

  /** Resumes from 0 over a socket that breaks after `bytes` bytes, including those of the upgrade. */
  const receive = async (bytes: number) => {
    const disconnected = firstValueFrom(link$.pipe(filter(isDown)))
    cut.limit = bytes
    cut.breakConnections()
    await disconnected
    const from = client.messages.length
    const received = firstValueFrom(inbound$.pipe(filter(isLast)))
    client.transport.resume(0)
    await received
    const length = cut.passed
    await firstValueFrom(link$.pipe(filter(isUp)))
    return { length, messages: client.messages.slice(from) }
  }
  const { length } = await receive(Number.POSITIVE_INFINITY)
  expect(length).toBeGreaterThan(1000)
  for (let bytes = 1; bytes <= length; bytes += STEP) {
    expect([bytes, (await receive(bytes)).messages]).toEqual([bytes, messages])
  }
  expect(client.inbound.filter(({ type }) => type === 'rejoined' || type === 'missed')).toEqual([])
})
