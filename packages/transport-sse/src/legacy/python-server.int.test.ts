import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { fileURLToPath } from 'node:url'
import { join } from '@midsentence/core'
import { legacyClient } from '@midsentence/testing/legacy/legacy-client'
import { startCuttableProxy } from '@midsentence/testing/legacy/proxy'
import { pythonServerMissing, startPythonServer } from '@midsentence/testing/legacy/python-server'
import { build } from 'esbuild'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { legacyTransport } from './index.ts'

const missing = pythonServerMissing()
const why = missing ? ` (skipped: ${missing})` : ''
const waitOptions = { timeout: 20_000 }

const served = async (port?: number) => {
  const server = await startPythonServer(port)
  onTestFinished(() => server.stop())
  return server
}

const proxied = async () => {
  const server = await served()
  const proxy = await startCuttableProxy(server.url)
  onTestFinished(() => proxy.close())
  return { server, proxy }
}

describe.skipIf(missing && process.env.CI !== 'true')(`the existing Python chat server${why}`, () => {
  test('two clients share one order of messages, with crossed seqs and presence', async () => {
    const { url } = await served()
    const [ada, bob] = [legacyClient(url), legacyClient(url)]
    await ada.open('Ada')
    await bob.open('Bob')
    await vi.waitFor(() => {
      expect(ada.inbound).toContainEqual({ type: 'presence', sender_id: 'Bob', present: true })
    }, waitOptions)
    expect(await ada.publish('hello\n🦊 "there"')).toMatchObject({ sent: true, seq: 1, durability: 'unknown' })
    expect(await bob.publish('hi')).toMatchObject({ sent: true, seq: 2, crossed: [1] })
    await vi.waitFor(() => expect(ada.messages).toHaveLength(2), waitOptions)
    expect(ada.lines).toEqual(['Ada: hello\n🦊 "there"', 'Bob: hi'])
    expect(bob.lines).toEqual(ada.lines)
    await bob.transport.close()
    await vi.waitFor(() => {
      expect(ada.inbound.at(-1)).toEqual({ type: 'presence', sender_id: 'Bob', present: false })
    }, waitOptions)
  })

  test('a taken name is rejected, free after close, and can be reclaimed', async () => {
    const { url } = await served()
    const first = legacyClient(url)
    await first.open('Ada')
    await expect(legacyClient(url).open('Ada')).rejects.toMatchObject({ code: 'name-taken' })
    await first.transport.close()
    const second = legacyClient(url)
    await second.open('Ada')
    const third = legacyClient(url, { reclaim: true })
    await third.open('Ada')
  })

  test('after a cut missed messages arrive, and a publish during it has an unknown outcome', async () => {
    const { server, proxy } = await proxied()
    const [ada, bob] = [legacyClient(proxy.url, { echoTimeoutMs: 300 }), legacyClient(server.url)]
    await ada.open('Ada')
    await bob.open('Bob')
    proxy.cut()
    await vi.waitFor(() => expect(ada.links.at(-1)).toMatchObject({ state: 'down' }), waitOptions)
    await expect(ada.publish('over the cut')).rejects.toMatchObject({ code: 'unavailable', data: { unknown: true } })
    // The server writes once more to the broken stream before it notices: that write is lost without a trace.
    await vi.waitFor(
      () => expect(server.output().match(/SSE stream (closed|cancelled).*Ada/)).toBeTruthy(),
      waitOptions,
    )
    await bob.publish('meanwhile')
    proxy.restore()
    await vi.waitFor(() => expect(ada.lines).toEqual(['Bob: meanwhile']), waitOptions)
    expect(ada.links.at(-1)).toEqual({ state: 'up' })
  })

  test('a silent connection is replaced', async () => {
    const { proxy } = await proxied()
    const ada = legacyClient(proxy.url, { idleTimeoutMs: 2500 })
    await ada.open('Ada')
    proxy.cut('silently')
    await vi.waitFor(() => {
      expect(ada.links.at(-1)).toMatchObject({ reason: expect.stringContaining('nothing came for 2.5 seconds') })
    }, waitOptions)
    proxy.restore()
    await vi.waitFor(() => expect(ada.links.at(-1)).toEqual({ state: 'up' }), waitOptions)
  })

  test('after a kill and restart the client registers again', async () => {
    const server = await served()
    const ada = legacyClient(server.url)
    await ada.open('Ada')
    await server.stop()
    await vi.waitFor(() => expect(ada.links.at(-1)).toMatchObject({ state: 'down' }), waitOptions)
    await expect(ada.publish('a')).rejects.toMatchObject({ code: 'unavailable', data: {} })
    await served(Number(new URL(server.url).port))
    await vi.waitFor(() => expect(ada.links.at(-1)).toEqual({ state: 'up' }), waitOptions)
    expect(await ada.publish('b')).toMatchObject({ sent: true, seq: 1 })
  })

  test('[Q4] [N3] a push is held once, then sent, and own messages are not delivered', async () => {
    const { url } = await served()
    const ada = await join({ transport: legacyTransport({ url }), username: 'Ada' })
    const bob = await join({ transport: legacyTransport({ url }), username: 'Bob' })
    onTestFinished(async () => void (await Promise.all([ada.close(), bob.close()])))
    await ada.append('good morning')
    await bob.append('anyone here?')
    await bob.push()
    await vi.waitFor(() => expect(ada.view.unseen).toBe(1), waitOptions)
    expect(await ada.push()).toMatchObject({ status: 0, held: true, messages: [{ content: 'anyone here?' }] })
    expect(await ada.push()).toMatchObject({ status: 1, seq: 2, messages: [] })
    expect(await bob.check({ timeout_ms: 10_000 })).toMatchObject({
      status: 1,
      messages: [{ content: 'good morning' }],
    })
    expect(await ada.check({ timeout_ms: 1500 })).toMatchObject({ status: 0, messages: [] })
  })

  test('a script without close() exits by itself', async () => {
    const { url } = await served()
    const folder = await mkdtemp(joinPath(tmpdir(), 'midsentence-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const outfile = joinPath(folder, 'script.mjs')
    const index = fileURLToPath(new URL('./index.ts', import.meta.url))
    const contents = `
      import { legacyTransport } from ${JSON.stringify(index)}
      const transport = legacyTransport({ url: ${JSON.stringify(url.replace('127.0.0.1', 'localhost'))} })
      await transport.open({ room: 'lobby', username: 'Ada' })
      const { seq } = await transport.publish({ content: 'bye', base: 0, key: 'k', isRetry: false })
      console.log('sent as', seq)`
    const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" }
    await build({
      ...{ stdin: { contents, resolveDir: folder }, outfile, banner, bundle: true, format: 'esm', platform: 'node' },
      conditions: ['@midsentence/source'],
    })
    const child = spawn(process.execPath, [outfile], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', text => (output += text))
    const code = await new Promise(resolve => child.once('close', resolve))
    expect({ code, output }).toEqual({ code: 0, output: 'sent as 1\n' })
  })
})
