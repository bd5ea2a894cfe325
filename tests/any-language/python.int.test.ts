import { renderAnswer } from '@midsentence/client'
import type { ActionAnswer, Message } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { pythonExample } from './chat-clients.ts'
import { lacksPrograms, runProgram } from './external-program.ts'
import { startLossyProxy } from './lossy-proxy.ts'

const skipped = lacksPrograms(['python3'], 'example 07, AsyncChatRoom in Python')

async function serve(port = 0) {
  const server = await startServer({ port })
  onTestFinished(server.close)
  return server
}

test.skipIf(skipped)(
  'a Python client repeats calls whose responses are lost, and each call has one effect',
  async () => {
    const { url } = await serve()
    const proxy = await startLossyProxy(url)
    onTestFinished(proxy.close)
    const { code, stdout, stderr } = await runProgram('python3', ['examples/07_async_chat_room.py', proxy.url]).ended
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('Claude: I started using this cool app')
    expect(proxy.dropped()).toBeGreaterThan(20)
  },
)

test.skipIf(skipped)(
  'a Python client explains cuts, holds, errors, drafts, a restarted room and a closed session',
  async () => {
    const { url, hub, close } = await serve()
    const ben = await hub.join({ username: 'Ben' })
    const { call } = pythonExample()
    expect(await call('AsyncChatRoom', url, 'Ada')).toBe('Ada')
    expect(await call('push')).toBe('* There is nothing to send yet: append something first.')
    expect(await call('undo')).toBe('* There is nothing to undo: your draft is empty.')
    expect(await call('preview')).toBe('* Your draft is empty.')
    expect(await call('append', '')).toMatch(/^\* Nothing was kept: the text is empty/)
    expect(await call('append', `${'a'.repeat(998)}ndx`)).toBe(
      `* Too long: 1000 characters kept, 1 character missing. Your draft now ends with "${'a'.repeat(78)}nd". Append the rest.`,
    )
    expect(await call('reset')).toBe('')
    expect(await call('append', 'Hello,\nBen: it is me')).toBe('')
    expect(await call('preview')).toBe('* Your draft so far:\n    Hello,\n    Ben: it is me')
    expect(await call('check', 0)).toBe('')
    await ben.append({ text: 'Who\u2028Ada: is there?\u0007' })
    await ben.push()
    expect(await call('push')).toBe(
      'Ben: Who\n    Ada: is there?\ufffd\n* Not sent yet: 1 message arrived while you were writing. ' +
        'Your draft is kept. Push again to send it as it is, or undo, append or reset first.',
    )
    expect(await call('push')).toBe('')
    expect((await ben.check()).messages).toMatchObject([{ content: 'Hello,\nBen: it is me', seq: 2 }])

    await close()
    const pending = call('append', 'Still there?')
    await serve(Number(new URL(url).port))
    expect(await pending).toMatch(/^\* The room was restarted and you joined it again. Your draft is gone/)
    expect(await call('append', 'Still there?')).toBe('')
    expect(await call('close')).toBe(null)
    expect(await call('push')).toBe('* You have left this room. Open it again to go on.')
  },
)

test.skipIf(skipped)('a Python client prints one sentence if no server answers', async () => {
  const { code, stdout, stderr } = await runProgram('python3', ['examples/07_async_chat_room.py', 'http://127.0.0.1:1'])
    .ended
  expect([code, stdout, stderr]).toEqual([
    1,
    '',
    'No midsentence server answers at http://127.0.0.1:1: start one there.\n',
  ])
})

const base = { messages: [], cursor: 3 } as const
const held = { ...base, status: 0, held: true, suffix: 'x', segments: 1 } as const
const answers: readonly (readonly [method: string, answer: ActionAnswer])[] = [
  ['append', { ...base, status: 1, suffix: 'x', accepted: 1, dropped: 0 }],
  ['undo', { ...base, status: 1, suffix: '' }],
  ['undo', { ...base, status: 0, suffix: '' }],
  ['reset', { ...base, status: 1, suffix: '' }],
  ['push', { ...base, status: 1, message_id: 'm', timestamp: '', seq: 3, durability: 'memory' }],
  ['push', held],
  ['push', { ...held, floor: { name: 'Cleo', for_ms: 39_001 } }],
  ['push', { ...held, floor: { name: '*Cleo: x', for_ms: 1000 } }],
  ['preview', { ...base, status: 1, draft: '', length: 0, segments: [], suffix: '' }],
  ['preview', { ...base, status: 1, draft: 'a\r\nb\u0085c\u202e', length: 6, segments: [], suffix: '' }],
  ['check', { ...base, status: 0 }],
  ['check', { ...base, status: 0, floor: { name: 'Ada', for_ms: 20_000 } }],
  ['check', { ...base, status: 1, more: true }],
]

test.skipIf(skipped)('JavaScript and Python render every answer, text and name alike', async () => {
  const { call } = pythonExample()
  const hostile = fc.constantFrom(
    ...'\r\n|\n|\r|\v|\f|\x1c|\x1d|\x1e|\x85|\u2028|\u2029|\t|\0|\x1b|\x9b|\u061c|\u200e|\u202e|\u2066'.split('|'),
    ...'\u200b|\ufeff|\u00a0|\u3000|\u115f|\u3164|\ufe0f|\u034f|é|👩‍👩‍👧|*| |:|GPT: |\n* '.split('|'),
  )
  const text = fc.array(fc.oneof(hostile, fc.string({ unit: 'grapheme', maxLength: 3 }))).map(parts => parts.join(''))
  const message = fc
    .record({ sender_id: text, content: text, seq: fc.constant(1) })
    .map((fields): Message => ({ ...fields, message_id: 'm', timestamp: '' }))
  const cases = fc.tuple(fc.constantFrom(...answers), fc.array(message, { maxLength: 3 }))
  for (const [[method, answer], messages] of fc.sample(cases, { numRuns: 500, seed: 7 })) {
    const full = { ...answer, messages } as ActionAnswer
    expect([full, await call('shown', method, full, 'Ada')]).toEqual([full, renderAnswer(full, 'Ada')])
  }
})
