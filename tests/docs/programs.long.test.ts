import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { blackBox } from '@midsentence/conformance/black-box'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { expectConversation, post } from '../embedding/serve-app.ts'
import { guide } from '../guide.ts'
import { midsentence, serving } from '../midsentence.ts'

test('every program of rooms.md exits with 0', async () => {
  const { folder, start } = guide('rooms.md')
  const files = readdirSync(folder).filter(name => name.endsWith('.mjs'))
  expect(files).toHaveLength(8)
  for (const file of files) {
    const { code, stderr } = await start(file).ended
    expect([file, code, stderr]).toEqual([file, 0, ''])
  }
})

test.each(['express-app.mjs', 'fastify-app.mjs', 'hono-app.mjs'])(
  '%s of embedding.md serves rooms that keep the rules',
  async file => {
    const app = guide('embedding.md').start(file, { PORT: '0' })
    const [, url] = await app.says(/^Rooms at (\S+)$/m)
    await expectConversation(url!)
    const own = await fetch(new URL('/', url))
    expect([own.status, await own.text()]).toEqual([200, 'My app'])
    // The client falls back to HTTP if no socket opens.
    await new Promise((resolve, reject) => {
      const socket = new WebSocket(`${url!.replace('http', 'ws')}/ws`)
      socket.onerror = reject
      socket.onopen = () => resolve(socket.close())
    })
    const report = await blackBox({ url: url!, seed: 7, runs: 3, answerMs: 4000 })
    expect(report.outcomes.filter(({ outcome }) => outcome === 'fail')).toEqual([])
  },
)

test('the route of embedding.md answers as a Next route handler', async () => {
  const { folder } = guide('embedding.md')
  const { GET, POST } = await import(/* @vite-ignore */ pathToFileURL(join(folder, 'route.mjs')).href)
  const rpc = new Request('http://app.example/chat/rpc', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"jsonrpc":"2.0","id":1,"method":"join","params":{"username":"Ada"}}',
  })
  const { result } = await (await POST(rpc, { params: { path: ['rpc'] } })).json()
  const events = new Request('http://app.example/chat/rooms/lobby/events', {
    headers: { authorization: `Bearer ${result.token}` },
  })
  const stream = await GET(events)
  const { value } = await stream.body.getReader().read()
  expect([stream.status, new TextDecoder().decode(value)]).toEqual([200, expect.stringContaining('event: welcome')])
})

test.each(['Bun', 'Deno'])('serve.mjs of embedding.md answers requests of %s', async runtime => {
  const { folder } = guide('embedding.md')
  const served: ((request: Request) => Promise<Response>)[] = []
  const bun = (options: { fetch: (typeof served)[number] }) => ({ port: served.push(options.fetch) })
  const deno = (_: object, fetch: (typeof served)[number]) => served.push(fetch)
  vi.stubGlobal(runtime, { serve: runtime === 'Bun' ? bun : deno })
  onTestFinished(() => void vi.unstubAllGlobals())
  await import(/* @vite-ignore */ pathToFileURL(join(folder, 'serve.mjs')).href)
  expect((await served[0]!(new Request('http://127.0.0.1/chat/rpc'))).status).toBe(405)
})

test('two-models-and-you.md: two agents and a person talk in separate processes', async () => {
  const { commands, start, change, folder } = guide('two-models-and-you.md')
  const run = midsentence.in({ XDG_STATE_HOME: folder })
  const [serve, mira, otto, chat, pretend] = commands
  expect(pretend).toBe('node pretend-models.mjs')
  change('pretend-models.mjs', 'server.listen(11434', 'server.listen(0')
  change('pretend-models.mjs', "'Two pretended models answer.", 'server.address().port, $&')
  const [, port] = await start('pretend-models.mjs').says(/^(\d+) Two/m)
  const wordsOf = (command: string) => command.replace('npx --no-install midsentence ', '').split(' ')
  const { url } = await serving(...wordsOf(serve!).slice(1))
  const here = (command: string) =>
    wordsOf(command).map(word => word.replace('http://127.0.0.1:8890', url).replace('11434', port!))
  const models = [run(...here(mira!)), run(...here(otto!))]
  const present = async () => {
    const token = (await post(`${url}/rpc`, call('join', { username: `Guest-${guests++}` }))).body.result.token
    const who = await post(`${url}/rpc`, call('who'), { authorization: `Bearer ${token}` })
    return who.body.result.participants.map(({ sender_id }: { sender_id: string }) => sender_id)
  }
  let guests = 0
  await expect.poll(present, { interval: 500 }).toEqual(expect.arrayContaining(['Mira', 'Otto']))
  const ada = midsentence.typing(...here(chat!))
  ada.type('Tea or coffee?\n\n')
  await ada.says(/^Mira: /m)
  await ada.says(/^Otto: /m)
  for (const model of models) model.kill('SIGINT')
  ada.endInput()
  for (const { ended } of [...models, ada]) expect((await ended).code).toBe(0)
})

const call = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params })
