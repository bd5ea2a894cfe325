import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { aiTools, type ConverseEvent, type ConverseOptions, converse, endpointFetch } from '@midsentence/agent'
import { type Clock, join, systemClock } from '@midsentence/core'
import { type Exchange, fakeEndpoint } from '@midsentence/testing/agent/fake-endpoint'
import { mockRoom } from '@midsentence/transport-mock'
import type { LanguageModel } from 'ai'
import { onTestFinished, vi } from 'vitest'

/** The agent package over one version of the AI SDK, and that version's provider. */
export interface Sdk {
  readonly converse: typeof converse
  readonly endpointFetch: typeof endpointFetch
  readonly aiTools: typeof aiTools
  createModel(options: { baseURL: string; apiKey: string; fetch: typeof fetch }): LanguageModel
}

export const sdk6: Sdk = {
  converse,
  endpointFetch,
  aiTools,
  createModel: options => createOpenAICompatible({ name: 'endpoint', includeUsage: true, ...options })('llama'),
}

/** Loads the agent package again, over AI SDK 7 and the provider that comes with it. */
export async function loadSdk7(): Promise<Sdk> {
  vi.doMock('ai', () => import('ai-7'))
  vi.resetModules()
  try {
    const [agent, provider] = await Promise.all([import('@midsentence/agent'), import('@ai-sdk/openai-compatible-3')])
    return {
      ...agent,
      // The types of `converse` are those of AI SDK 6.
      createModel: options =>
        provider.createOpenAICompatible({ name: 'endpoint', includeUsage: true, ...options })('llama') as never,
    }
  } finally {
    vi.doUnmock('ai')
    vi.resetModules()
  }
}

/** The system clock with timers 50 times as fast. */
function quickClock(): Clock {
  const clock = systemClock()
  return { ...clock, after: (ms, run) => clock.after(ms / 50, run) }
}

/** A room with Ada as a participant, and Claude as a model at an endpoint that answers by `answer`. */
export async function setUp(
  answer: (exchange: Exchange) => unknown,
  options: Partial<ConverseOptions> = {},
  { url, sdk = sdk6 }: { readonly url?: string; readonly sdk?: Sdk } = {},
) {
  const endpoint = await fakeEndpoint(answer)
  const room = mockRoom()
  const [ada, claude] = await Promise.all(['Ada', 'Claude'].map(username => join({ transport: room.peer(), username })))
  const stopping = new AbortController()
  const events: ConverseEvent[] = []
  const waiting: (() => void)[] = []
  const baseURL = url ?? endpoint.url
  const model = sdk.createModel({ baseURL, apiKey: 'k', fetch: sdk.endpointFetch })
  const ended = sdk.converse({
    model,
    room: claude!,
    clock: quickClock(),
    signal: stopping.signal,
    onEvent(event) {
      events.push(event)
      for (const look of waiting.splice(0)) look()
    },
    ...options,
  })
  onTestFinished(async () => {
    stopping.abort()
    await Promise.all([ended, ada!.close()])
  })
  const until = async <T extends ConverseEvent['type']>(type: T) => {
    while (!events.some(event => event.type === type)) await new Promise<void>(resolve => waiting.push(resolve))
    return events.findLast(event => event.type === type) as Extract<ConverseEvent, { readonly type: T }>
  }
  const say = async (text: string) => {
    await ada!.append(text)
    // Held once for each answer of the model that Ada has not read.
    for (let held: boolean | undefined = true; held; ) held = (await ada!.push()).held
  }
  return {
    endpoint,
    room,
    events,
    ended,
    stop: () => stopping.abort(),
    until,
    say,
    troubles: () => events.flatMap(event => (event.type === 'trouble' ? [event.sentence] : [])),
    said: () => room.messages.flatMap(({ sender_id, content }) => (sender_id === 'Claude' ? [content] : [])),
  }
}

/** Streams a complete answer. */
export function streamAnswer({ open, bit, finish }: Exchange, ...bits: string[]) {
  open()
  for (const text of bits) bit(text)
  finish()
}
