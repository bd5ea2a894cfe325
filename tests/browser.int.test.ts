import { connect } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { startCuttableProxy } from '@midsentence/testing/legacy/proxy'
import { expect, onTestFinished, test } from 'vitest'
import { chromiumMissing, type Opened, openPage } from './browser/chromium.ts'

const missing = chromiumMissing()
const skipped = missing !== undefined && !process.env.CI
if (skipped) console.warn(`Skipped: what a page does in a real browser, since ${missing}.`)

/** What the page has of ours. */
declare const client: typeof import('@midsentence/client')

const opened = async (): Promise<Opened> => {
  const page = await openPage()
  onTestFinished(() => page.close())
  return page
}

async function serving() {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const line = await startCuttableProxy(server.url)
  onTestFinished(() => line.close())
  return { server, line }
}

test.skipIf(skipped).each(['ws', 'http'])(
  'a page talks with somebody in Node.js over %s, is cut off and comes back, all by what its browser has',
  async protocol => {
    const { server, line } = await serving()
    const { page, sockets, errors } = await opened()
    const url = line.url.replace('http', protocol)
    const ben = await connect(server.url, { username: 'Ben' })
    onTestFinished(() => ben.close())

    const first = await page.evaluate(async url => {
      const room = new client.AsyncChatRoom({ url, username: 'Ada' })
      Object.assign(window, { room })
      return [await room.append('Hello from a page 🦊'), await room.push(), (await room.participant()).view.link.state]
    }, url)
    expect(first).toEqual(['', '', 'up'])
    expect((await ben.check()).messages).toMatchObject([{ sender_id: 'Ada', content: 'Hello from a page 🦊' }])

    const check = page.evaluate(() => (window as unknown as { room: { check(): Promise<string> } }).room.check())
    await ben.append('Hello, page')
    expect(await ben.push()).toMatchObject({ status: 1 })
    expect(await check).toBe('Ben: Hello, page')

    line.cut()
    await ben.append('while you were away')
    await ben.push()
    line.restore()
    const held = await page.evaluate(async () => {
      const { room } = window as unknown as { room: InstanceType<typeof client.AsyncChatRoom> }
      const heard = await room.check()
      await room.append('I am back')
      return [heard, await room.push()]
    })
    expect(held).toEqual(['Ben: while you were away', ''])
    expect((await ben.check()).messages).toMatchObject([{ content: 'I am back' }])
    await page.evaluate(() => (window as unknown as { room: { close(): Promise<void> } }).room.close())
    const inside = new Set(sockets.map(socket => new URL(socket).pathname))
    expect([...inside]).toEqual(protocol === 'ws' ? ['/ws'] : [])
    expect(errors).toEqual([])
  },
  60_000,
)

test.skipIf(skipped)(
  'a page’s own EventSource and WebSocket read a room, with nothing of ours',
  async () => {
    const { server } = await serving()
    const { page, errors } = await opened()
    const session = await server.hub.join({ username: 'Ada' })
    const ben = await server.hub.join({ username: 'Ben' })
    await ben.sendUnconditionally('one\n\u2028id: 9')
    const reading = page.evaluate(
      ([url, token]) => {
        const events = new Promise<unknown>((resolve, reject) => {
          const source = new EventSource(`${url}/rooms/lobby/events?token=${token}`)
          source.addEventListener('message', ({ data, lastEventId }) => {
            source.close()
            resolve([lastEventId, JSON.parse(data).content])
          })
          source.onerror = () => reject(new Error('the stream failed'))
        })
        const said = new Promise<unknown>((resolve, reject) => {
          const socket = new WebSocket(`${url!.replace('http', 'ws')}/ws`)
          const heard: string[] = []
          socket.onopen = () =>
            socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'resume', params: { token } }))
          socket.onmessage = ({ data }) => {
            const { method, params, result } = JSON.parse(data)
            heard.push(method ?? result.sender_id)
            if (method !== 'message') return
            socket.close()
            resolve([...heard, params.content])
          }
          socket.onerror = () => reject(new Error('the socket failed'))
        })
        return Promise.all([events, said])
      },
      [server.url, session.joinResult.token],
    )
    const [event, said] = await reading
    expect(event).toEqual(['1', 'one\n\u2028id: 9'])
    expect(said).toEqual(['Ada', 'welcome', 'presence', 'presence', 'message', 'one\n\u2028id: 9'])
    expect(errors).toEqual([])
  },
  60_000,
)
