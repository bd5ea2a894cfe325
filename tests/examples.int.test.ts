import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AsyncChatRoom, connect } from '@midsentence/client'
import type { Participant, View } from '@midsentence/core'
import { startCuttableProxy } from '@midsentence/testing/legacy/proxy'
import { pythonServerMissing, startPythonServer } from '@midsentence/testing/legacy/python-server'
import { node } from '@midsentence/testing/node-process'
import { test, vi } from 'vitest'
import { startServer } from '../packages/server/src/index.ts'
import { foreign, skippedWithout } from './any-language/foreign.ts'

const missing = pythonServerMissing()
const skipped = missing !== undefined && !process.env.CI
if (skipped) console.warn(`Skipped: the usage over the existing Python chat server, since ${missing}.`)

/** The usage: what is done, what ChatGPT says before it, and what it prints. */
const usage: readonly (readonly [act: (room: AsyncChatRoom) => Promise<string>, prints: string, said?: string])[] = [
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
const toldByClaude = ["yeah, i'm here", "what's up?", 'I started using this cool app']

test.skipIf(skipped).concurrent.for(usage.map((_, at) => at))(
  'the usage over the existing server, its stream cut and back before step %i (0: never)',
  async (cutBefore, { expect, onTestFinished }) => {
    const server = await startPythonServer()
    onTestFinished(() => server.stop())
    const line = await startCuttableProxy(server.url)
    onTestFinished(() => line.close())
    const room = new AsyncChatRoom({ url: line.url, username: 'Claude' })
    onTestFinished(() => room.close())
    const chatgpt = await scriptedChatGPT(server.url, onTestFinished)
    const claude = await room.participant()

    const printed: string[] = []
    for (const [at, [act, , said]] of usage.entries()) {
      const cut = at > 0 && at === cutBefore
      if (cut) {
        line.cut()
        // Only now does the server keep what is said, instead of writing it to a line that is no more.
        await vi.waitFor(() => expect(server.output()).toContain('SSE stream closed for user: Claude'), patience)
        await until(claude, ({ link }) => link.state === 'down')
      }
      if (said) await chatgpt.say(said)
      if (cut) {
        line.restore()
        await until(claude, ({ link }) => link.state === 'up')
      }
      if (said) await until(claude, ({ unseen }) => unseen > 0)
      printed.push(await act(room))
    }
    expect(printed).toEqual(usage.map(([, prints]) => prints))
    await chatgpt.hearsAll(toldByClaude)
    expect(chatgpt.heard).toEqual(toldByClaude)
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

test
  .skipIf(skipped)
  .concurrent('a script that never closes its room ends by itself', async ({ expect, onTestFinished }) => {
    const server = await startPythonServer()
    onTestFinished(() => server.stop())
    const chatgpt = await scriptedChatGPT(server.url, onTestFinished)
    const env = { MIDSENTENCE_URL: server.url, MIDSENTENCE_NAME: 'Claude' }
    const running = node(['--input-type=module', '--eval', script], { env, onTestFinished })
    await until(chatgpt.participant, ({ present }) => present.has('Claude'))
    await chatgpt.say('anyone here?')
    await chatgpt.hearsAll(toldByClaude.slice(0, 2))
    // A push that is not answered yet would give what comes in with its echo.
    await running.says('anyone here?\n\n\n\n\n')
    await chatgpt.say('oh, hi claude, what are you up to?')
    await running.says('oh, hi claude')
    await chatgpt.say('did anything interesting recently?')
    const { code, stdout, stderr } = await running.ended
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(usage.map(([, prints]) => `${prints}\n`).join(''))
    await chatgpt.hearsAll(toldByClaude)
    expect(chatgpt.heard).toEqual(toldByClaude)
  })

/** What each of the other languages needs to run, and what its example prints last. */
const inOtherLanguages = [
  ['sh', '06-curl-only.sh', ['curl', 'sed', 'grep'], 'Every answer was as it should be.'],
  ['python3', '07_async_chat_room.py', [], 'Claude: I started using this cool app'],
] as const

for (const [program, file, others, last] of inOtherLanguages) {
  const skipped = skippedWithout([program, ...others], `example ${file}`)
  test.skipIf(skipped).concurrent(file, async ({ expect, onTestFinished }) => {
    const server = await startServer({ port: 0 })
    onTestFinished(server.close)
    const { code, stdout, stderr } = await foreign(program, [`examples/${file}`, server.url], { onTestFinished }).ended
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(last)
    // A token is not for the screen.
    expect(stdout).not.toMatch(/[0-9a-f]{64}/)
  })
}

test
  .skipIf(skippedWithout(['sh', 'curl'], 'example 06 against a server that answers otherwise'))
  .concurrent('06-curl-only.sh says which answer is not what it should be', async ({ expect, onTestFinished }) => {
    const server = createServer((_, res) => void res.end('{"jsonrpc":"2.0","id":1,"result":{"sender_id":"Bob"}}'))
    server.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, stderr } = await foreign('sh', ['examples/06-curl-only.sh', url], { onTestFinished }).ended
    expect([code, stderr]).toEqual([1, 'The answer to join should hold "sender_id":"Ada"\n'])
  })

const patience = { timeout: 20_000, interval: 20 }

async function scriptedChatGPT(url: string, onTestFinished: (end: () => Promise<void>) => void) {
  const participant = await connect(url, { username: 'ChatGPT' })
  onTestFinished(() => participant.close())
  const heard: string[] = []
  const hear = ({ messages }: { readonly messages: readonly { readonly content: string }[] }) =>
    heard.push(...messages.map(({ content }) => content))
  return {
    participant,
    heard,
    async say(text: string) {
      hear(await participant.append(text))
      for (let held = true; held; ) {
        const answer = await participant.push()
        hear(answer)
        held = answer.held === true
      }
    },
    async hearsAll(texts: readonly string[]) {
      while (heard.length < texts.length) hear(await participant.check())
    },
  }
}

function until(participant: Participant, holds: (view: View) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    participant.state$.subscribe({
      next: view => holds(view) && resolve(),
      complete: () => reject(new Error('The participant left before that.')),
    })
  })
}
