import { connect } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { startCuttableProxy } from '@midsentence/testing/legacy/proxy'
import { expect, onTestFinished, test } from 'vitest'
import { chromiumMissing, type OpenedPage, openPage } from './browser/chromium.ts'

const missing = chromiumMissing()
const skipped = missing !== undefined && !process.env.CI
if (skipped) console.warn(`Skipped: the client in a real browser, since ${missing}.`)

/** Global variable of the page. */
declare const client: typeof import('@midsentence/client')

const newPage = async (): Promise<OpenedPage> => {
  const page = await openPage()
  onTestFinished(() => page.close())
  return page
}

async function serve() {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const proxy = await startCuttableProxy(server.url)
  onTestFinished(() => proxy.close())
  return { server, proxy }
}

test.skipIf(skipped).each(['ws', 'http'])(
  'a page chats with a Node.js client over %s, and reconnects after its connection is cut',
  async protocol => {
    const { server, proxy } = await serve()
    const { page, sockets, errors } = await newPage()
    const url = proxy.url.replace('http', protocol)
    const ben = await connect(server.url, { username: 'Ben' })
    onTestFinished(() => ben.close())

    const answers = await page.evaluate(async url => {
      const room = new client.AsyncChatRoom({ url, username: 'Ada' })
      Object.assign(window, { room })
      return [await room.append('Hello from a page 🦊'), await room.push(), (await room.participant()).view.link.state]
    }, url)
    expect(answers).toEqual(['', '', 'up'])
    expect((await ben.check()).messages).toMatchObject([{ sender_id: 'Ada', content: 'Hello from a page 🦊' }])

    const check = page.evaluate(() => (window as unknown as { room: { check(): Promise<string> } }).room.check())
    await ben.append('Hello, page')
    expect(await ben.push()).toMatchObject({ status: 1 })
    expect(await check).toBe('Ben: Hello, page')

    proxy.cut()
    await ben.append('while you were away')
    await ben.push()
    proxy.restore()
    const afterCut = await page.evaluate(async () => {
      const { room } = window as unknown as { room: InstanceType<typeof client.AsyncChatRoom> }
      const text = await room.check()
      await room.append('I am back')
      return [text, await room.push()]
    })
    expect(afterCut).toEqual(['Ben: while you were away', ''])
    expect((await ben.check()).messages).toMatchObject([{ content: 'I am back' }])
    await page.evaluate(() => (window as unknown as { room: { close(): Promise<void> } }).room.close())
    const paths = new Set(sockets.map(socket => new URL(socket).pathname))
    expect([...paths]).toEqual(protocol === 'ws' ? ['/ws'] : [])
    expect(errors).toEqual([])
  },
  60_000,
)

test.skipIf(skipped)(
  'the EventSource and WebSocket of a browser read a room without our client',
  async () => {
    const { server } = await serve()
    const { page, errors } = await newPage()
    const session = await server.hub.join({ username: 'Ada' })
    const ben = await server.hub.join({ username: 'Ben' })
    await ben.sendUnconditionally('one\n\u2028id: 9')
    const read = page.evaluate(
      ([url, token]) => {
        const fromStream = new Promise<unknown>((resolve, reject) => {
          const source = new EventSource(`${url}/rooms/lobby/events?token=${token}`)
          source.addEventListener('message', ({ data, lastEventId }) => {
            source.close()
            resolve([lastEventId, JSON.parse(data).content])
          })
          source.onerror = () => reject(new Error('the stream failed'))
        })
        const fromSocket = new Promise<unknown>((resolve, reject) => {
          const socket = new WebSocket(`${url!.replace('http', 'ws')}/ws`)
          const received: string[] = []
          socket.onopen = () =>
            socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'resume', params: { token } }))
          socket.onmessage = ({ data }) => {
            const { method, params, result } = JSON.parse(data)
            received.push(method ?? result.sender_id)
            if (method !== 'message') return
            socket.close()
            resolve([...received, params.content])
          }
          socket.onerror = () => reject(new Error('the socket failed'))
        })
        return Promise.all([fromStream, fromSocket])
      },
      [server.url, session.joinResult.token],
    )
    const [event, frames] = await read
    expect(event).toEqual(['1', 'one\n\u2028id: 9'])
    expect(frames).toEqual(['Ada', 'welcome', 'presence', 'presence', 'message', 'one\n\u2028id: 9'])
    expect(errors).toEqual([])
  },
  60_000,
)
