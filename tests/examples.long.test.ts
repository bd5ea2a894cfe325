import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AsyncChatRoom, connect } from '@midsentence/client'
import type { Participant, View } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import { startCuttableProxy } from '@midsentence/testing/legacy/proxy'
import { pythonServerMissing, startPythonServer } from '@midsentence/testing/legacy/python-server'
import { node } from '@midsentence/testing/node-process'
import { test, vi } from 'vitest'
import { lacksPrograms, runProgram } from './any-language/external-program.ts'

const missing = pythonServerMissing()
const skipped = missing !== undefined && !process.env.CI
if (skipped) console.warn(`Skipped: the conversation over the existing Python chat server, since ${missing}.`)

/** The steps of Claude: an action, the text it returns, and what ChatGPT sends before it. */
const steps: readonly (readonly [act: (room: AsyncChatRoom) => Promise<string>, text: string, before?: string])[] = [
  [room => room.check(), 'ChatGPT: anyone here?', 'anyone here?'],
  [room => room.append("yeah, i'm here"), ''],
  [room => room.push(), ''],
  [room => room.append("what's up?"), ''],
  [room => room.push(), ''],
  [room => room.check(), 'ChatGPT: oh, hi claude, what are you up to?', 'oh, hi claude, what are you up to?'],
  [
    room => room.append('nothing much'),
    'ChatGPT: did anything interesting recently?',
    'did anything interesting recently?',
  ],
  [room => room.undo(), ''],
  [room => room.append('I started using this cool app'), ''],
  [room => room.push(), ''],
]
const sentByClaude = ["yeah, i'm here", "what's up?", 'I started using this cool app']

test.skipIf(skipped).concurrent.for(steps.map((_, at) => at))(
  'the conversation works over the existing server, with its stream cut before step %i (0: never)',
  async (cutBefore, { expect, onTestFinished }) => {
    const server = await startPythonServer()
    onTestFinished(() => server.stop())
    const proxy = await startCuttableProxy(server.url)
    onTestFinished(() => proxy.close())
    const room = new AsyncChatRoom({ url: proxy.url, username: 'Claude' })
    onTestFinished(() => room.close())
    const chatgpt = await scriptedChatGPT(server.url, onTestFinished)
    const claude = await room.participant()

    const printed: string[] = []
    for (const [at, [act, , before]] of steps.entries()) {
      const cut = at > 0 && at === cutBefore
      if (cut) {
        proxy.cut()
        // From then on the server keeps messages instead of writing them to the cut stream.
        await vi.waitFor(() => expect(server.output()).toContain('SSE stream closed for user: Claude'), waitOptions)
        await until(claude, ({ link }) => link.state === 'down')
      }
      if (before) await chatgpt.send(before)
      if (cut) {
        proxy.restore()
        await until(claude, ({ link }) => link.state === 'up')
      }
      if (before) await until(claude, ({ unseen }) => unseen > 0)
      printed.push(await act(room))
    }
    expect(printed).toEqual(steps.map(([, text]) => text))
    await chatgpt.receive(sentByClaude)
    expect(chatgpt.received).toEqual(sentByClaude)
  },
)

const script = `
import { AsyncChatRoom } from '@midsentence/client'
const chatroom = new AsyncChatRoom()

console.log(await chatroom.check())
console.log(await chatroom.append("yeah, i'm here"))
console.log(await chatroom.push())
console.log(await chatroom.append("what's up?"))
console.log(await chatroom.push())
console.log(await chatroom.check())

const claude = await chatroom.participant()
const awake = setInterval(() => {}, 1000)
await new Promise(resolve => claude.state$.subscribe(({ unseen }) => unseen > 0 && resolve()))
clearInterval(awake)

console.log(await chatroom.append("nothing much"))
console.log(await chatroom.undo())
console.log(await chatroom.append("I started using this cool app"))
console.log(await chatroom.push())
`

test.skipIf(skipped).concurrent('a script that never closes its room exits', async ({ expect, onTestFinished }) => {
  const server = await startPythonServer()
  onTestFinished(() => server.stop())
  const chatgpt = await scriptedChatGPT(server.url, onTestFinished)
  const env = { MIDSENTENCE_URL: server.url, MIDSENTENCE_NAME: 'Claude' }
  const running = node(['--input-type=module', '--eval', script], { env, onTestFinished })
  await until(chatgpt.participant, ({ present }) => present.has('Claude'))
  await chatgpt.send('anyone here?')
  await chatgpt.receive(sentByClaude.slice(0, 2))
  // A push in flight would return the next message with its echo.
  await running.says('anyone here?\n\n\n\n\n')
  await chatgpt.send('oh, hi claude, what are you up to?')
  await running.says('oh, hi claude')
  await chatgpt.send('did anything interesting recently?')
  const { code, stdout, stderr } = await running.ended
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toBe(steps.map(([, text]) => `${text}\n`).join(''))
  await chatgpt.receive(sentByClaude)
  expect(chatgpt.received).toEqual(sentByClaude)
})

/** Examples in other languages: the program, the file, other programs it needs, and the last line it prints. */
const otherLanguages = [
  ['sh', '06-curl-only.sh', ['curl', 'sed', 'grep'], 'All answers are as expected.'],
  ['python3', '07_async_chat_room.py', [], 'Claude: I started using this cool app'],
] as const

for (const [program, file, others, last] of otherLanguages) {
  const skipped = lacksPrograms([program, ...others], `example ${file}`)
  test.skipIf(skipped).concurrent(`${file} exits with 0`, async ({ expect, onTestFinished }) => {
    const server = await startServer({ port: 0 })
    onTestFinished(server.close)
    const { code, stdout, stderr } = await runProgram(program, [`examples/${file}`, server.url], { onTestFinished })
      .ended
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(last)
    // Tokens are secrets.
    expect(stdout).not.toMatch(/[0-9a-f]{64}/)
  })
}

test
  .skipIf(lacksPrograms(['sh', 'curl'], 'example 06 against a server with a wrong answer'))
  .concurrent('06-curl-only.sh names the answer that is wrong', async ({ expect, onTestFinished }) => {
    const server = createServer((_, res) => void res.end('{"jsonrpc":"2.0","id":1,"result":{"sender_id":"Bob"}}'))
    server.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, stderr } = await runProgram('sh', ['examples/06-curl-only.sh', url], { onTestFinished }).ended
    expect([code, stderr]).toEqual([1, 'The answer to join lacks "sender_id":"Ada"\n'])
  })

const waitOptions = { timeout: 120_000, interval: 20 }

async function scriptedChatGPT(url: string, onTestFinished: (end: () => Promise<void>) => void) {
  const participant = await connect(url, { username: 'ChatGPT' })
  onTestFinished(() => participant.close())
  const received: string[] = []
  const collect = ({ messages }: { readonly messages: readonly { readonly content: string }[] }) =>
    received.push(...messages.map(({ content }) => content))
  return {
    participant,
    received,
    async send(text: string) {
      collect(await participant.append(text))
      for (let held = true; held; ) {
        const answer = await participant.push()
        collect(answer)
        held = answer.held === true
      }
    },
    async receive(texts: readonly string[]) {
      while (received.length < texts.length) collect(await participant.check())
    },
  }
}

function until(participant: Participant, holds: (view: View) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    participant.state$.subscribe({
      next: view => holds(view) && resolve(),
      complete: () => reject(new Error('The participant left first.')),
    })
  })
}
