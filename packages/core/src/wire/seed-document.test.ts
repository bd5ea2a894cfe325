import { fakeHub } from '@midsentence/testing/fake-hub'
import { expect, test } from 'vitest'
import { rpcDispatcher } from './dispatcher.ts'
import { rpcErrors } from './errors.ts'

/** The requests of the original API document, unchanged. */
const requests = {
  append: `{
  "jsonrpc": "2.0",
  "method": "append",
  "params": {
    "text": "The fundamental challenge with quantum computing is maintaining coherence long enough."
  },
  "id": 1
}`,
  undo: `{
  "jsonrpc": "2.0",
  "method": "undo",
}`,
  push: `{
  "jsonrpc": "2.0",
  "method": "push",
  "params": {},
  "id": 3
}`,
  reset: `{
  "jsonrpc": "2.0",
  "method": "reset",
  "params": {},
  "id": 4
}`,
}

async function ask(text: string) {
  const fake = fakeHub()
  const answer = await rpcDispatcher(fake.hub).dispatch(text, { token: 'good' })
  return { answer: answer === undefined ? undefined : JSON.parse(answer), calls: fake.calls }
}

test('append returns status, suffix and messages', async () => {
  const { answer, calls } = await ask(requests.append)
  expect(answer).toMatchObject({ jsonrpc: '2.0', result: { status: 1, suffix: 'end', messages: [] }, id: 1 })
  const text = 'The fundamental challenge with quantum computing is maintaining coherence long enough.'
  expect(calls.at(-1)).toEqual(['append', { text }, {}])
})

test('push returns status, message_id and timestamp', async () => {
  const { answer, calls } = await ask(requests.push)
  expect(answer).toMatchObject({ jsonrpc: '2.0', result: { status: 1, message_id: 'm', messages: [] }, id: 3 })
  expect(answer.result.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(calls.at(-1)).toEqual(['push', {}, {}])
})

test('reset returns status', async () => {
  const { answer, calls } = await ask(requests.reset)
  expect(answer).toMatchObject({ jsonrpc: '2.0', result: { status: 1 }, id: 4 })
  expect(calls.at(-1)).toEqual(['reset', {}, {}])
})

test('undo without an id is a notification once its extra comma is removed', async () => {
  const asPrinted = await ask(requests.undo)
  expect(asPrinted).toMatchObject({ answer: { error: { code: -32700 }, id: null }, calls: [] })
  expect(asPrinted.answer.error.message).toContain('a comma after the last member')
  const { answer, calls } = await ask(requests.undo.replace('"undo",', '"undo"'))
  expect(answer).toBeUndefined()
  expect(calls.at(-1)).toEqual(['undo', {}, { notification: true }])
})

test('error codes keep their numbers', () => {
  const table = Object.fromEntries(rpcErrors.map(({ number, name }) => [number, name.toLowerCase()]))
  expect(table).toMatchObject({
    [-32600]: 'invalid request',
    [-32601]: 'method not found',
    [-32602]: 'invalid params',
    [-32603]: 'internal error',
    40001: 'no draft exists',
    40003: 'rate limit exceeded',
    40004: 'content policy violation',
  })
  expect(table).not.toHaveProperty('40002')
  expect(new Set(rpcErrors.map(({ number }) => number)).size).toBe(rpcErrors.length)
})
