import { MidsentenceError, memoryLog, rpcNumbers } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import { callsTo } from '@midsentence/testing/harness/sse-harness'
import { expect, onTestFinished, test } from 'vitest'

interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: object
}

/** Starts a server whose failures depend on the text that is sent. */
async function failingServer() {
  const log = memoryLog()
  let diskFull = false
  const content = (text: string) => {
    if (text === 'too fast') {
      throw new MidsentenceError('rate-limited', 'You send too fast: wait a second, then push again.', {
        data: { retry_after_ms: 1000 },
      })
    }
    if (text === 'broken') throw new Error('the hook fails')
    return text === 'rude' ? { allowed: false as const, reason: 'it is rude' } : { allowed: true as const }
  }
  const { url, close } = await startServer({
    port: 0,
    rooms: {
      log: {
        ...log,
        append: (...record) =>
          diskFull ? Promise.reject(new MidsentenceError('unavailable', 'The disk is full.')) : log.append(...record),
      },
      policy: {
        room: () => ({}),
        limits: () => ({}),
        access: room => (room === 'talk' ? { limit: 1 } : { open: room === 'lobby' }),
        content,
      },
    },
  })
  onTestFinished(close)
  const { send } = callsTo(url)
  const raw = async (text: string, token?: string): Promise<RpcError> => JSON.parse((await send(text, token))!).error
  const call = (method: string, params: object, token?: string) =>
    raw(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), token)
  const join = async (username: string): Promise<string> => {
    const text = await send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'join', params: { username } }))
    return JSON.parse(text!).result.token
  }
  const fillDisk = () => {
    diskFull = true
  }
  return { raw, call, join, fillDisk }
}

test('[Z1] [Z3] a server answers with each error code and a sentence that says what to do', async () => {
  const { raw, call, join, fillDisk } = await failingServer()
  const ada = await join('Ada')
  const found: RpcError[] = [
    await raw('{"jsonrpc": "2.0", "method"', ada),
    await raw('{"jsonrpc": "2.0", "method": 1}', ada),
    await call('shout', {}, ada),
    await call('append', { text: 7 }, ada),
    await call('publish', { content: 'broken', base: 0, key: '1' }, ada),
    await call('push', {}, ada),
    await call('publish', { content: 'too fast', base: 0, key: '2' }, ada),
    await call('publish', { content: 'rude', base: 0, key: '3' }, ada),
    await call('preview', {}, 'no-such-token'),
    await call('join', { username: 'ADA' }),
    await call('join', { username: 'Ben', room: 'secret' }),
  ]
  fillDisk()
  found.push(await call('publish', { content: 'fine', base: 0, key: '4' }, ada))

  expect(found.map(({ code }) => code)).toEqual(Object.values(rpcNumbers))
  expect(found.filter(({ data }) => data).map(({ code, data }) => [code, data])).toEqual([
    [40003, { retry_after_ms: 1000 }],
    [40004, { reason: 'it is rude' }],
    [40011, { reason: 'occupied' }],
    [40013, { unknown: true }],
  ])
  for (const { message } of found) {
    expect(message).toMatch(/^[A-Z].{20,}[.]$/)
    expect(message).not.toMatch(/[[\]{}]|undefined|Error|\bat \/|Zod|\b(?!JSON\b)[A-Z]{4,}/)
  }
  expect(found.map(({ code, message }) => `${code} ${message}`)).toMatchInlineSnapshot(`
    [
      "-32700 This is not valid JSON: look for a missing quote, or a comma after the last member.",
      "-32600 The "method" of a request must be a string, but it is the number 1.",
      "-32601 There is no method "shout". The methods are: join, resume, append, undo, reset, push, check, preview, publish, who, yield, hush, draft, writing, leave, rpc.discover.",
      "-32602 The parameter "text" of append must be a string, but it is the number 7.",
      "-32603 The content policy failed. Nothing was sent; your draft is kept.",
      "40001 There is nothing to send yet: append something first.",
      "40003 You send too fast: wait a second, then push again.",
      "40004 This may not be said here: it is rude. Your draft is kept.",
      "40010 This token belongs to no session, or it has expired. Join again to go on.",
      "40011 The name "ADA" is taken in lobby: choose another. It is free once its holder leaves, or has been away for a while.",
      "40012 There is no room secret for you here: choose another.",
      "40013 The room could not write this down. It is not known yet whether your message was sent: push again later.",
    ]
  `)
})
