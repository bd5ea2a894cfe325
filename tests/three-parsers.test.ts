import { openStream } from '@midsentence/testing/harness/sse-harness'
import { EventSource } from 'eventsource'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../packages/server/src/index.ts'
import { hurtful, type Parsed, sayAll } from './three-parsers.ts'

/** Reads `count` messages with the package that our own client uses. */
const byPackage = (url: string, token: string, count: number): Promise<readonly Parsed[]> =>
  new Promise(resolve => {
    const found: Parsed[] = []
    const source = new EventSource(`${url}/rooms/lobby/events?after=0&token=${token}`)
    const take = ({ lastEventId, type, data }: MessageEvent) => {
      found.push({ id: lastEventId, event: type, data: String(data) })
      if (found.length === count) {
        source.close()
        resolve(found)
      }
    }
    for (const name of ['message', 'forged']) source.addEventListener(name, take)
  })

/** Reads `count` messages with a parser of the tests. */
async function byHand(url: string, token: string, count: number): Promise<readonly Parsed[]> {
  const stream = await openStream(url, { room: 'lobby', token, after: 0 })
  const messages = () => stream.events.filter(({ event }) => event === 'message')
  while (messages().length < count) await new Promise(resolve => setImmediate(resolve))
  await stream.close()
  return messages()
}

test('[V1] whatever a message holds is exactly one event, to two parsers', async () => {
  const { url, hub, close } = await startServer({ port: 0 })
  onTestFinished(close)
  const ada = await hub.join({ username: 'Ada' })
  const said = await sayAll(ada)
  expect(said.length).toBe(hurtful.length)
  for (const read of [byPackage, byHand]) {
    const events = await read(url, ada.joinResult.token, said.length)
    expect(events.map(({ id, event }) => [id, event])).toEqual(said.map((_, at) => [`${at + 1}`, 'message']))
    // JSON lets a lone surrogate be; a key or a text of meta goes as it came.
    expect(events.map(({ data }) => JSON.parse(data).content)).toEqual(said.map(({ content }) => content))
    expect(events.map(({ data }) => JSON.parse(data).meta)).toEqual(said.map(({ meta }) => meta))
    expect(events.filter(({ data }) => /[\r\n\0]/.test(data))).toEqual([])
  }
})

test('[V1] nor does a name, a room, a key or an id make an event of its own', async () => {
  const { url, hub, close } = await startServer({ port: 0 })
  onTestFinished(close)
  for (const text of hurtful.filter(text => text !== '</script>')) {
    await expect(hub.join({ username: text })).rejects.toMatchObject({ code: 'name-taken' })
    await expect(hub.join({ username: 'Ada', room: text })).rejects.toMatchObject({ code: 'room-unavailable' })
  }
  const { token } = (await hub.join({ username: '</script>' })).joinResult
  for (const text of hurtful) {
    const at = `${url}/rooms/lobby/events?token=${token}&after=${encodeURIComponent(text.toWellFormed())}`
    const res = await fetch(at)
    expect([text, res.status, res.headers.get('content-type')]).toEqual([text, 400, 'application/json; charset=utf-8'])
  }
})

test('[V1] the dialect of old clients makes one event of each message too', async () => {
  const { url, hub, close } = await startServer({ port: 0 })
  onTestFinished(close)
  const post = (path: string, body: object) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  await post('/register', { username: 'Old' })
  const stream = await fetch(`${url}/events?username=Old`)
  const ada = await hub.join({ username: 'Ada' })
  const said = await sayAll(ada)
  const reader = stream.body!.getReader()
  const contents: string[] = []
  let rest = ''
  while (contents.length < said.length) {
    rest += new TextDecoder().decode((await reader.read()).value, { stream: true })
    const frames = rest.split('\n\n')
    rest = frames.pop()!
    for (const frame of frames.filter(frame => frame.startsWith('data:'))) {
      expect(frame.split(/\r\n|\r|\n/).length).toBe(1)
      for (const message of JSON.parse(frame.slice(5))) if (message.sender === 'Ada') contents.push(message.content)
    }
  }
  await reader.cancel()
  expect(contents).toEqual(said.map(({ content }) => content))
})
