import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { expect, onTestFinished, test } from 'vitest'
import { httpEndpoint } from './hosts.ts'

/** Which instance gets a request; `none` loses it. */
type Route = 'A' | 'B' | 'C' | 'none'

/** A host of revision 2025-11-25 at three instances of the MCP endpoint, as they are reached through a load balancer. */
async function setUp() {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const [A, B, C] = await Promise.all([1, 2, 3].map(() => httpEndpoint(server.url)))
  const urls = { A: A!, B: B!, C: C! }
  const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
  onTestFinished(() => ada.close())
  const say = async (text: string) => {
    await ada.append(text)
    expect(await ada.push()).not.toContain('Not sent')
  }
  const waiting = () => server.hub.admin!.load().waitingChecks
  return { server, urls, say, waiting }
}

type Setting = Awaited<ReturnType<typeof setUp>>

/** Joins, and connects the client of a host. `route` says where its requests go. */
async function hostOf({ server, urls }: Setting, username: string) {
  const { joinResult } = await server.hub.join({ username, secret: '0123456789abcdef0123' })
  let route: Route = 'A'
  const transport = new StreamableHTTPClientTransport(new URL(urls.A), {
    requestInit: { headers: { authorization: `Bearer ${joinResult.token}` } },
    fetch: async (_, init) => (route === 'none' ? new Response(null, { status: 202 }) : fetch(urls[route], init)),
  })
  const client = new Client({ name: 'a-host', version: '1.0.0' })
  await client.connect(transport)
  onTestFinished(() => client.close())
  const call = async (to: Route, name: string, args: Record<string, unknown> = {}, signal?: AbortSignal) => {
    route = to
    const { content } = await client.callTool({ name, arguments: args }, signal ? { signal } : {})
    return (content as { text: string }[]).map(({ text }) => text).join('\n')
  }
  /** Begins a check at A and cancels it once it waits: the notification goes to `to`. */
  const cancelCheck = async (to: Route, waiting: () => number) => {
    const controller = new AbortController()
    const check = call('A', 'check', { timeout_ms: 40_000 }, controller.signal)
    check.catch(() => {})
    await expect.poll(waiting).toBe(1)
    route = to
    controller.abort()
    await expect(check).rejects.toThrow()
  }
  return { call, cancelCheck }
}

const codeIn = (text: string) => /Read code: (\S+)\.$/.exec(text)?.[1]

test('[U3] a check at one instance that a notification to another one cancels swallows no message', async () => {
  const setting = await setUp()
  const { say, waiting } = setting
  for (const to of ['A', 'B'] as const) {
    for (const next of ['A', 'B', 'C'] as const) {
      for (const withCode of [true, false]) {
        const label = `cancelled at ${to}, next call at ${next}, ${withCode ? 'with' : 'without'} a code`
        const { call, cancelCheck } = await hostOf(setting, `Claude ${to} ${next} ${withCode}`)
        await call('A', 'who')
        await say('First.')
        const code = codeIn(await call('A', 'check'))
        await cancelCheck(to, waiting)
        await expect.poll(waiting, { message: label }).toBe(0)
        await say('Are you there?')
        const text = await call(next, 'check', { timeout_ms: 0, ...(withCode && { read: code }) })
        expect(text, label).toContain('Ada: Are you there?')
        expect(text.includes('Ada: First.'), label).toBe(false)
      }
    }
  }
})

test('[U2] [U3] an instance that begins with a session gives again what another one gave to a lost call', async () => {
  const setting = await setUp()
  const { say, waiting } = setting
  const { call, cancelCheck } = await hostOf(setting, 'Claude')
  await call('A', 'who')
  await say('First.')
  const code = codeIn(await call('A', 'check'))
  await cancelCheck('none', waiting)
  await say('Are you there?')
  await expect.poll(waiting).toBe(0)
  await call('B', 'append', { text: 'Mine.' })
  const held = await call('C', 'push', { read: code })
  expect(held).toMatch(/^Ada: Are you there\?\n\* Not sent yet: /)
  expect(await call('B', 'check', { timeout_ms: 0, read: code })).toContain('Ada: Are you there?')
  expect(await call('B', 'push', { read: codeIn(held) })).toMatch(/^\* Sent\./)
})
