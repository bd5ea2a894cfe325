import { type ConverseEvent, converse } from '@midsentence/agent'
import { AsyncChatRoom } from '@midsentence/client'
import { systemClock } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import { type ScriptedPrompt, scriptedModel, words } from '@midsentence/testing/agent/scripted-model'
import { expect, onTestFinished, test } from 'vitest'

const long =
  'One is the first of my sentences. Two is the second of them. Three follows it. Four is the last of them all.'

test('two models on a real server: one is interrupted within a segment, keeps a part, and no message crosses', async () => {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const clock = systemClock()
  const stopping = new AbortController()
  onTestFinished(() => stopping.abort())
  const happened: { readonly name: string; readonly event: ConverseEvent }[] = []
  const waiting: (() => void)[] = []
  const speak = (name: string, say: (asked: ScriptedPrompt) => readonly string[], begins: boolean, pause: number) => {
    const scripted = scriptedModel({ modelId: name, clock, say, pause: () => pause })
    const ended = converse({
      model: scripted.model,
      room: new AsyncChatRoom({ url: server.url, username: name }),
      begins,
      signal: stopping.signal,
      onEvent(event) {
        happened.push({ name, event })
        for (const look of waiting.splice(0)) look()
      },
    })
    return { ...scripted, ended }
  }
  const until = async (name: string, type: ConverseEvent['type'], times = 1) => {
    const found = () => happened.filter(({ name: who, event }) => who === name && event.type === type)
    while (found().length < times) await new Promise<void>(resolve => waiting.push(resolve))
  }
  const gpt = speak('GPT', () => words('I have something to say at once.'), false, 1)
  await until('GPT', 'joined')
  const claude = speak(
    'Claude',
    ({ call }) => (call === 1 ? words(long) : ['1\n', 'And you are right about that.']),
    true,
    5,
  )
  await until('Claude', 'wrote')
  // Ada gives GPT something to answer while Claude is writing.
  const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
  await ada.append('GPT, your turn.')
  await ada.push()
  await until('Claude', 'sent')
  await until('GPT', 'sent')
  await ada.close()
  stopping.abort()
  const [told] = await Promise.all([claude.ended, gpt.ended])

  const events = happened.flatMap(({ name, event }) => (name === 'Claude' ? [event] : []))
  const interruption = events.findIndex(event => event.type === 'interrupted')
  // After the interruption only the current sentence was committed.
  const kept = events.findIndex(event => event.type === 'kept')
  expect(interruption).toBeGreaterThan(0)
  expect(events.slice(interruption, kept).filter(event => event.type === 'wrote')).toEqual([])
  expect(claude.aborted.length).toBeGreaterThanOrEqual(1)
  expect(told).toMatchObject({ reason: 'stopped' })
  const sent = events.flatMap(event => (event.type === 'sent' ? [event] : []))[0]!
  expect(sent).toMatchObject({ content: 'One is the first of my sentences. And you are right about that.' })
  expect(sent.crossed).toBeUndefined()
})
