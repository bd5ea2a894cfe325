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

/** Every byte in the long tier; else so far apart that every kind of place is met. */
const STEP = byTier(7, 1)

test('messages come complete and in order wherever a reconnecting socket is cut', async () => {
  const server = await hubServer()
  onTestFinished(() => server.close())
  const cut = await CuttingProxy.start(server.url)
  const ben = wsTestClient(server.url)
  await ben.open('Ben')
  const line = wsTestClient(cut.url, { backoff: { minMs: 1, maxMs: 2 } })
  const { inbound$, link$ } = line.transport
  await line.open('Ada')
  for (const [base, text] of ['one\n', 'grüße 🦊', 'data: three\r\n'].entries()) await ben.publish(text, { base })
  await vi.waitFor(() => expect(line.messages).toHaveLength(3))
  const messages = [...line.messages]

  /** Comes back to the beginning over a socket that breaks after so many bytes, the upgrade's among them. */
  const given = async (bytes: number) => {
    const goesDown = firstValueFrom(link$.pipe(filter(isDown)))
    cut.limit = bytes
    cut.breakConnections()
    await goesDown
    const from = line.messages.length
    const whole = firstValueFrom(inbound$.pipe(filter(isLast)))
    line.transport.resume(0)
    await whole
    const length = cut.passed
    await firstValueFrom(link$.pipe(filter(isUp)))
    return { length, messages: line.messages.slice(from) }
  }
  const { length } = await given(Number.POSITIVE_INFINITY)
  expect(length).toBeGreaterThan(1000)
  for (let bytes = 1; bytes <= length; bytes += STEP) {
    expect([bytes, (await given(bytes)).messages]).toEqual([bytes, messages])
  }
  expect(line.inbound.filter(({ type }) => type === 'rejoined' || type === 'missed')).toEqual([])
})
