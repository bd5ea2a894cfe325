import { startServer } from '@midsentence/server'
import { openStream } from '@midsentence/testing/harness/sse-harness'
import { EventSource } from 'eventsource'
import { expect, onTestFinished, test } from 'vitest'
import { hostileTexts, publishHostileTexts } from './hostile-texts.ts'

interface ParsedEvent {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** Reads `count` messages with the package `eventsource`. */
const readWithPackage = (url: string, token: string, count: number): Promise<readonly ParsedEvent[]> =>
  new Promise(resolve => {
    const events: ParsedEvent[] = []
    const source = new EventSource(`${url}/rooms/lobby/events?after=0&token=${token}`)
    const add = ({ lastEventId, type, data }: MessageEvent) => {
      events.push({ id: lastEventId, event: type, data: String(data) })
      if (events.length === count) {
        source.close()
        resolve(events)
      }
    }
    for (const name of ['message', 'forged']) source.addEventListener(name, add)
  })

/** Reads `count` messages with the parser of the test harness. */
async function readWithHarness(url: string, token: string, count: number): Promise<readonly ParsedEvent[]> {
  const stream = await openStream(url, { room: 'lobby', token, after: 0 })
  const messages = () => stream.events.filter(({ event }) => event === 'message')
  while (messages().length < count) await new Promise(resolve => setImmediate(resolve))
  await stream.close()
  return messages()
}

async function serve() {
  const server = await startServer({ port: 0 })
  onTestFinished(server.close)
  return server
}

test('[V1] two parsers read each hostile message as exactly one event', async () => {
  const { url, hub } = await serve()
  const ada = await hub.join({ username: 'Ada' })
  const published = await publishHostileTexts(ada)
  expect(published.length).toBe(hostileTexts.length)
  for (const read of [readWithPackage, readWithHarness]) {
    const events = await read(url, ada.joinResult.token, published.length)
    expect(events.map(({ id, event }) => [id, event])).toEqual(published.map((_, at) => [`${at + 1}`, 'message']))
    // `meta` keeps lone surrogates, which JSON allows; `content` is made well-formed.
    expect(events.map(({ data }) => JSON.parse(data).content)).toEqual(published.map(({ content }) => content))
    expect(events.map(({ data }) => JSON.parse(data).meta)).toEqual(published.map(({ meta }) => meta))
    expect(events.filter(({ data }) => /[\r\n\0]/.test(data))).toEqual([])
  }
})

test('[V1] the server refuses hostile names, rooms and cursors, and answers with JSON', async () => {
  const { url, hub } = await serve()
  for (const text of hostileTexts.filter(text => text !== '</script>')) {
    await expect(hub.join({ username: text })).rejects.toMatchObject({ code: 'name-taken' })
    await expect(hub.join({ username: 'Ada', room: text })).rejects.toMatchObject({ code: 'room-unavailable' })
  }
  const { token } = (await hub.join({ username: '</script>' })).joinResult
  for (const text of hostileTexts) {
    const stream = `${url}/rooms/lobby/events?token=${token}&after=${encodeURIComponent(text.toWellFormed())}`
    const res = await fetch(stream)
    expect([text, res.status, res.headers.get('content-type')]).toEqual([text, 400, 'application/json; charset=utf-8'])
  }
})

test('[V1] a legacy stream carries each hostile message in exactly one event', async () => {
  const { url, hub } = await serve()
  await fetch(`${url}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'Old' }),
  })
  const stream = await fetch(`${url}/events?username=Old`)
  const ada = await hub.join({ username: 'Ada' })
  const published = await publishHostileTexts(ada)
  const reader = stream.body!.getReader()
  const contents: string[] = []
  let rest = ''
  while (contents.length < published.length) {
    rest += new TextDecoder().decode((await reader.read()).value, { stream: true })
    const events = rest.split('\n\n')
    rest = events.pop()!
    for (const event of events.filter(event => event.startsWith('data:'))) {
      expect(event.split(/\r\n|\r|\n/).length).toBe(1)
      for (const message of JSON.parse(event.slice(5))) if (message.sender === 'Ada') contents.push(message.content)
    }
  }
  await reader.cancel()
  expect(contents).toEqual(published.map(({ content }) => content))
})
