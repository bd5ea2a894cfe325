import { type LegacyTestClient, legacyClient } from '@midsentence/testing/legacy/legacy-client'
import { startLegacyServer } from '@midsentence/testing/legacy/legacy-server'
import { pythonServerMissing, startPythonServer } from '@midsentence/testing/legacy/python-server'
import { ask, expected, recordedAnswers } from '@midsentence/testing/legacy/recorded-answers'
import { describe, expect, onTestFinished, test } from 'vitest'

const missing = pythonServerMissing()

test.runIf(missing !== undefined)(`our server was not compared with the existing server: ${missing}`, context => {
  if (process.env.CI) throw new Error(missing)
  context.skip(missing)
})

describe.skipIf(missing !== undefined)('our server beside the existing Python chat server', () => {
  const both = async () => {
    const [theirs, ours] = await Promise.all([startPythonServer(), startLegacyServer()])
    onTestFinished(async () => {
      await Promise.all([theirs.stop(), ours.stop()])
    })
    return { theirs: theirs.url, ours: ours.url }
  }

  test('both servers give the same answers, except for declared differences', async () => {
    const urls = await both()
    for (const asked of recordedAnswers) {
      for (const of of ['theirs', 'ours'] as const) {
        expect([of, asked.what, await ask(urls[of], asked)]).toEqual([of, asked.what, expected(asked, of)])
      }
    }
  })

  test('both servers stream the same events', async () => {
    const urls = await both()
    const results = await Promise.all([urls.theirs, urls.ours].map(recordConversation))
    expect(results[1]).toEqual(results[0])
    expect(results[0]!.data.flat()).toContainEqual({ sender: 'Bob', content: 'é\u2028\n😀', timestamp: '00:00:00' })
  })

  test('our legacy transport behaves the same on both servers', async () => {
    const urls = await both()
    const results = await Promise.all(
      [urls.theirs, urls.ours].map(async url => {
        const [ada, bob] = [legacyClient(url), legacyClient(url)]
        await ada.open('Ada')
        await bob.open('Bob')
        await ada.publish('hello')
        await bob.publish('hi')
        await ada.publish('how are you?')
        await arrived(bob, 3)
        await arrived(ada, 3)
        await bob.transport.close()
        const refused = await legacyClient(url)
          .open('Ada')
          .catch(({ code }) => code)
        return [ada.lines, bob.lines, refused]
      }),
    )
    expect(results[1]).toEqual(results[0])
    expect(results[0]).toEqual([
      ['Ada: hello', 'Bob: hi', 'Ada: how are you?'],
      ['Ada: hello', 'Bob: hi', 'Ada: how are you?'],
      'name-taken',
    ])
  })
})

async function arrived(client: LegacyTestClient, count: number): Promise<void> {
  await expect.poll(() => client.lines.length).toBe(count)
}

/** Runs a conversation of two clients and returns the stream of one of them, without times. */
async function recordConversation(url: string) {
  const post = (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    return fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  }
  await post('/register', { username: 'Ada' })
  await post('/register', { username: 'Bob' })
  await post('/send', { username: 'Bob', message: 'é\u2028\n😀' })
  const stream = await fetch(`${url}/events?username=Ada`)
  let text = ''
  const decoder = new TextDecoder()
  const seen = (words: string) => text.includes(words)
  const steps = [
    { after: 'ud83d', act: () => post('/send', { username: 'Ada', message: 'mine' }) },
    { after: 'mine', act: () => post('/unregister', { username: 'Bob' }) },
    { after: 'Bob has left', act: () => post('/unregister', { username: 'Ada' }) },
  ]
  for await (const chunk of stream.body!) {
    text += decoder.decode(chunk, { stream: true })
    while (steps[0] && seen(steps[0].after)) await steps.shift()!.act()
  }
  const events = text.split('\n\n').filter(event => event.startsWith('data: '))
  const data = events.map(event => JSON.parse(event.slice(6)))
  const times = data.flat().map(({ timestamp }) => timestamp)
  expect(times.filter(time => !/^\d\d:\d\d:\d\d$/.test(time))).toEqual([])
  return {
    type: stream.headers.get('content-type'),
    ascii: /^[\n\x20-\x7e]*$/.test(text),
    // The grouping into events depends on timing.
    data: data.flat().map(entry => ({ ...entry, timestamp: '00:00:00' })),
    keepsAlive: text.includes(': keepalive\n\n'),
  }
}
