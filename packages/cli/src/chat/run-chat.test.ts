import { PassThrough } from 'node:stream'
import { connect } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { palette } from '../palette.ts'
import type { ChatConsole } from './chat-console.ts'
import { runChat } from './run-chat.ts'

const plain = palette({ isTTY: false } as never)
const coloured = () => {
  vi.stubEnv('NO_COLOR', '')
  vi.stubEnv('TERM', 'xterm')
  onTestFinished(() => void vi.unstubAllEnvs())
  return palette({ isTTY: true } as never)
}

/** Runs a chat of Ada on a fake console, with Ben in the room. */
async function setUp({ paint = plain, bell = true, interactive = true, history = false } = {}) {
  const policy = { room: () => ({}), limits: () => ({}), access: () => ({ history }) }
  const { url, close } = await startServer({ port: 0, rooms: { policy } })
  const ben = await connect(url, { username: 'Ben' })
  const ada = await connect(url, { username: 'Ada', person: true })
  const inputs = new PassThrough({ objectMode: true })
  const shown: string[] = []
  const prompts: string[] = []
  let rings = 0
  const console: ChatConsole = {
    inputs,
    interactive,
    columns: undefined,
    show: text => void shown.push(text),
    prompt: text => void prompts.push(text),
    ring: () => void rings++,
    close: () => void inputs.end(),
  }
  const stop = new AbortController()
  const chat = runChat(ada, console, { paint, times: false, bell, signal: stop.signal })
  chat.catch(() => {})
  onTestFinished(async () => {
    inputs.end()
    await chat.catch(() => {})
    await Promise.all([ada.close(), ben.close()])
    await close()
  })
  return {
    ...{ ada, ben, chat, shown, prompts, inputs },
    rings: () => rings,
    enter: (text: string, pasted = false) => void inputs.write({ text, pasted }),
    shows: (text: string) => expect.poll(() => shown.join('\n')).toContain(text),
    async say(text: string) {
      await ben.append(text)
      while ((await ben.push()).held) {}
    },
  }
}

test('a long paste is one text: /undo removes all of it', async () => {
  const { enter, shows, ada, prompts } = await setUp()
  enter('Look at this:')
  enter(`${'x'.repeat(900)}\n\n${'y'.repeat(900)}`, true)
  await shows('* Added a paste of 3 lines. Enter sends the draft, /undo removes the paste.')
  expect(prompts.at(-1)).toBe('Ada, Enter sends 4 lines> ')
  expect(ada.view.draft.segments).toBe(3)
  enter('/undo')
  await shows('* Removed.')
  expect((await ada.preview()).draft).toBe('Look at this:')
})

test('a text that is too long for the draft is refused whole', async () => {
  const { enter, shows, ada } = await setUp()
  enter('x'.repeat(20_001), true)
  await shows('* This text is too long for your draft, and nothing was added. Add it in parts.')
  enter('kept')
  enter('x'.repeat(19_999), true)
  await shows('Send the draft first, or add less.')
  expect((await ada.preview()).draft).toBe('kept')
})

test('a pasted command is a text', async () => {
  const { enter, ada, shows } = await setUp()
  enter('/reset', true)
  enter('/draft')
  await shows('* Your draft so far:\n    /reset')
  expect(ada.view.draft.segments).toBe(1)
})

test('names have colours, one’s own name is marked and rings the bell, /times shows times', async () => {
  const { say, shows, shown, rings, enter } = await setUp({ paint: coloured() })
  await say('Hello\teverybody')
  await shows('Hello\teverybody')
  expect(rings()).toBe(0)
  await say('And what does ada say?')
  await shows('what does \x1b[1;7mada\x1b[0m say?')
  expect(rings()).toBe(1)
  const [first, second] = shown.filter(text => text.includes('Ben'))
  const colour = /^\x1b\[38;5;\d+mBen\x1b\[0m: /.exec(first!)?.[0]
  expect(colour).toBeDefined()
  expect(second!.startsWith(colour!)).toBe(true)
  enter('/times')
  await shows('Messages are shown with their times.')
  await say('Later')
  await shows('Later')
  expect(shown.at(-1)).toMatch(/^\x1b\[2m\d\d:\d\d\x1b\[0m \x1b\[38;5;\d+mBen\x1b\[0m: Later$/)
})

test('without a bell nothing rings', async () => {
  const { say, shows, rings } = await setUp({ bell: false })
  await say('Ada?')
  await shows('Ben: Ada?')
  expect(rings()).toBe(0)
})

test('[Y5] /hush silences the models until a person sends a message, and /unhush lifts it', async () => {
  const { enter, shows, ben, say } = await setUp()
  enter('/hush')
  await shows('* The models are silent until a person sends a message. /unhush ends it.')
  await ben.append('me')
  await expect(ben.push()).rejects.toMatchObject({ code: 'rate-limited', data: { reason: 'hushed' } })
  enter('/unhush')
  await shows('* The models may speak again.')
  await say(' again')
  await shows('Ben: me again')
})

test('a pipe sends a text that is too long for one message as several', async () => {
  const { enter, inputs, chat, ben } = await setUp({ interactive: false })
  const line = 'all of it '.repeat(3000)
  enter(line)
  inputs.end()
  await chat
  let received = ''
  while (received.length < line.length) {
    for (const { content } of (await ben.check()).messages) received += content
  }
  expect(received).toBe(line)
})

test('a pipe ends with an error after a line that is no command', async () => {
  const { enter, inputs, chat } = await setUp({ interactive: false })
  enter('/msg Ben hi')
  inputs.end()
  await expect(chat).rejects.toThrow('A line of the input was no command, and was not sent.')
})
