import { readFileSync } from 'node:fs'
import { renderMessages } from '@midsentence/client'
import { append, defaultLimits, emptyDraft } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { describe, expect, onTestFinished, test } from 'vitest'

interface Vectors {
  readonly truncation: readonly { text: string; limit: number; kept: string; accepted: number; dropped: number }[]
  readonly suffix: readonly { segments: readonly string[]; suffix: string }[]
  readonly full: readonly {
    limits: { draft: number; segments: number }
    segments: readonly string[]
    text: string
    status: number
    accepted: number
    dropped: number
  }[]
  readonly names: readonly { username: string; name?: string; refused?: true }[]
  readonly same_name: readonly { names: readonly [string, string]; same: boolean }[]
  readonly shown: readonly { sender_id: string; content: string; shown: string }[]
}

const file = new URL('../packages/conformance/golden/vectors.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors

async function newHub() {
  const hub = await openHub()
  onTestFinished(() => hub.close())
  return hub
}

describe('the test vectors', () => {
  test.for(vectors.truncation)('[T1] [T2] %j is cut as the vector says', ({ text, limit, kept, accepted, dropped }) => {
    const change = append(emptyDraft, text, 0, { ...defaultLimits, segment: limit })
    const [event] = change.events
    expect([event && 'text' in event ? event.text : '', change.accepted, change.dropped]).toEqual([
      kept,
      accepted,
      dropped,
    ])
  })

  test.for(vectors.suffix)('[S1] [S2] %j has the suffix of the vector', ({ segments, suffix }) => {
    const draft = segments.reduce((before, text) => append(before, text).draft, emptyDraft)
    expect(append(draft, '').suffix).toBe(suffix)
  })

  test.for(vectors.full)('[T3] [D5] %j fills a draft as the vector says', ({ segments, text, ...vector }) => {
    const limits = { ...defaultLimits, ...vector.limits }
    const draft = segments.reduce((before, each) => append(before, each, 0, limits).draft, emptyDraft)
    const { status, accepted, dropped } = append(draft, text, 0, limits)
    expect({ limits: vector.limits, status, accepted, dropped }).toEqual(vector)
  })

  test.for(vectors.names)('[A2] %j joins as the vector says', async ({ username, name, refused }) => {
    const hub = await newHub()
    const result = hub.join({ username }).then(
      ({ joinResult }) => joinResult.sender_id,
      error => error.code,
    )
    expect(await result).toBe(refused ? 'name-taken' : name)
  })

  test.for(vectors.same_name)('[A2] %j are compared as the vector says', async ({ names: [first, second], same }) => {
    const hub = await newHub()
    await hub.join({ username: first })
    const result = hub.join({ username: second }).then(
      () => false,
      error => error.code === 'name-taken',
    )
    expect(await result).toBe(same)
  })

  test.for(vectors.shown)('[X1] [X2] %j is rendered as the vector says', ({ sender_id, content, shown }) => {
    expect(renderMessages([{ message_id: 'm', seq: 1, timestamp: '', sender_id, content }])).toBe(shown)
  })
})
