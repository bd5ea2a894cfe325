import { systemClock } from '@midsentence/core'
import { isConnectFailure } from '@midsentence/core/rpc-client'
import { fakePythonServer } from '@midsentence/testing/legacy/fake-python-server'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { describe, expect, test } from 'vitest'
import { streamFetch } from '../stream-fetch.ts'
import { LegacyHttp } from './legacy-http.ts'

describe.each([
  ['the small fetch', streamFetch],
  ["the platform's fetch", globalThis.fetch],
])('%s', (_, fetch) => {
  const failure = (url: string) =>
    new LegacyHttp(url, fetch, systemClock()).post('/send', {}, 5000).catch(error => error)

  test('without a server, the error is a failed connect', async () => {
    const port = await freePort()
    for (const host of ['127.0.0.1', 'localhost']) {
      expect(isConnectFailure(await failure(`http://${host}:${port}`))).toBe(true)
    }
  })

  test('a break after the request is no failed connect', async () => {
    const server = await fakePythonServer()
    server.failNext('/send', 'drop')
    expect(isConnectFailure(await failure(server.url))).toBe(false)
  })

  test('an abort or timeout is no failed connect', async () => {
    const server = await fakePythonServer()
    server.failAlways('/register', 'hang')
    const http = new LegacyHttp(server.url, fetch, systemClock())
    const late = await http.post('/register', { username: 'Ada' }, 20).catch(error => error)
    expect(late.message).toBe('No answer came within 0.02 seconds.')
    const ended = http.post('/register', { username: 'Ada' }, 60_000).catch(error => error)
    http.abortAll()
    expect(isConnectFailure(await ended)).toBe(false)
  })

  test('an oversized answer is not read', async () => {
    const server = await fakePythonServer()
    server.failNext('/send', { status: 200, body: `{"success":true}${' '.repeat(2 ** 20)}` })
    const http = new LegacyHttp(server.url, fetch, systemClock())
    expect(await http.post('/send', {}, 5000)).toEqual({ status: 200, success: false })
  })
})
