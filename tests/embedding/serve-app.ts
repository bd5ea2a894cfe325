import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from '@midsentence/client'
import { openHub } from '@midsentence/core/hub'
import { expect, onTestFinished } from 'vitest'

/** Milliseconds within which a request that cannot be served must have its answer. */
const AT_ONCE_MS = 3000

/** Opens a hub that closes with its test. */
export async function testHub() {
  const hub = await openHub()
  onTestFinished(() => hub.close())
  return hub
}

/** Serves a listener on a free port until its test ends. Resolves with its address. */
export async function serveApp(
  listener: RequestListener,
): Promise<{ url: string; server: ReturnType<typeof createServer> }> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

/** Posts JSON; rejects if the answer does not come at once. */
export async function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(AT_ONCE_MS),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

/** Two participants talk through the rooms at `url`: calls, streams and a hold. */
export async function expectConversation(url: string): Promise<void> {
  const [ada, ben] = [await connect(url, { username: 'Ada' }), await connect(url, { username: 'Ben' })]
  onTestFinished(async () => void (await Promise.all([ada.close(), ben.close()])))
  await ada.append('Grüße!')
  expect(await ada.push()).toMatchObject({ status: 1 })
  await ben.append('Me too.')
  for (let tries = 0; tries < 5 && (await ben.push()).held; tries++);
  expect((await ada.check()).messages.map(({ content }) => content)).toEqual(['Me too.'])
}
