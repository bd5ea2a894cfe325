import {
  authorNames,
  type CoordinationPolicy,
  counting,
  dealTask,
  measure,
  PERSON,
  policies,
  pooledNumbers,
  type Scenario,
} from '@midsentence/arena'
import { type Exchange, fakeEndpoint } from '@midsentence/testing/agent/fake-endpoint'
import { answerByPlan } from '@midsentence/testing/agent/plan-model'
import { expect, test } from 'vitest'
import { recordOf } from './live-record.ts'
import { type LiveSetting, playLive } from './play-live.ts'

const policy = (name: string): CoordinationPolicy => policies.find(each => each.name === name)!

const never = new AbortController().signal

interface Writing {
  readonly scenario: Scenario
  readonly seed?: number
  readonly participants?: number
  /** Milliseconds before each word. */
  readonly word_ms?: number
  change?(text: string): string
}

/** Streams the answer of a perfect model, word by word. */
async function writeByPlan(exchange: Exchange, { scenario, seed = 1, participants = 3, word_ms = 0, change }: Writing) {
  const names = authorNames.slice(0, participants)
  const text = answerByPlan(exchange, names, dealTask(scenario, names, seed))
  exchange.open()
  for (const word of (change?.(text) ?? text).match(/\s*\S+\s*/g)!) {
    if (word_ms > 0) await new Promise(resolve => setTimeout(resolve, word_ms))
    exchange.bit(word)
  }
  exchange.finish()
}

async function play(answer: (exchange: Exchange) => unknown, options: Partial<LiveSetting> = {}) {
  const endpoint = await fakeEndpoint(answer)
  const setting: LiveSetting = {
    scenario: counting,
    policy: policy('hold'),
    seed: 1,
    participants: 3,
    endpoints: [{ model: 'm', baseURL: endpoint.url }],
    settings: {},
    budget_tokens: 3_000_000,
    limit_ms: 30_000,
    quiet_ms: 300,
    ...options,
  }
  const played = await playLive(setting, never)
  return { ...played, measures: measure(played.result), endpoint, setting }
}

test.each([counting, pooledNumbers])('perfect models under hold solve $name without a crossing', async scenario => {
  const { ending, measures, authors, endpoint } = await play(
    exchange => writeByPlan(exchange, { scenario, word_ms: 1 }),
    { scenario },
  )
  expect(ending).toBe('at rest')
  expect(measures).toMatchObject({ finished: 1, solved: 1, crossings: 0, repeated: 0 })
  expect(measures.messages).toBe(scenario === counting ? 12 : 4)
  expect(measures.calls).toBe(endpoint.calls)
  // All want the first number at once, and only one has it.
  expect(authors.some(({ live }) => live.holds + live.interruptions > 0)).toBe(true)
  expect(measures.discarded).toBeGreaterThan(0)
})

test('models that send blindly cross each other, and count wrong', async () => {
  const { ending, measures } = await play(exchange => writeByPlan(exchange, { scenario: counting, word_ms: 2 }), {
    policy: policy('blind-send'),
  })
  expect(ending).toBe('at rest')
  expect(measures.crossings).toBeGreaterThan(0)
  expect(measures).toMatchObject({ finished: 1, solved: 0, discarded: 0, attemptsMost: 1 })
})

test('a model that is wrong ends at rest with a wrong result', async () => {
  const change = (text: string) => text.replace(/The (sum|max|sort) is .*/, 'The $1 is 1.')
  const { ending, measures, result } = await play(
    exchange => writeByPlan(exchange, { scenario: pooledNumbers, change }),
    { scenario: pooledNumbers },
  )
  expect([ending, measures.finished, measures.solved]).toEqual(['at rest', 1, 0])
  expect(result.task.result(result.log)).toMatchObject({ answers: ['1'] })
})

test('models that say nothing are stuck, and count as the time limit', async () => {
  const { ending, measures } = await play(({ open, bit, finish }) => {
    open()
    bit('-')
    finish()
  })
  expect(ending).toBe('stuck')
  // They had something to say all the time.
  expect(measures).toMatchObject({ finished: 0, solved: 0, messages: 0, time: 30_000, delayMost: 30_000 })
})

test('a model that never stops ends its run by the budget', async () => {
  const { ending, authors, measures } = await play(
    async ({ open, bit, res }) => {
      open()
      while (!res.closed) {
        bit('And so on and so on and so on and so on and so on and so on and so on. ')
        await new Promise(resolve => setTimeout(resolve, 1))
      }
    },
    { budget_tokens: 6_000 },
  )
  expect([ending, measures.finished]).toEqual(['budget', 0])
  for (const { live } of authors) expect(live.tokens.input + live.tokens.output).toBeLessThan(2_500)
})

test('a model that does not answer ends its run by the time limit', async () => {
  const { ending, measures } = await play(({ open }) => open(), { limit_ms: 400 })
  expect(ending).toBe('time')
  expect(measures).toMatchObject({ finished: 0, time: 400, calls: 3, messages: 0 })
})

test('an endpoint that fails for a moment is asked again, and its failures are counted', async () => {
  const { measures, authors } = await play(
    exchange => {
      const { call, res } = exchange
      if (call === 1) return res.writeHead(429, { 'retry-after-ms': '1' }).end('{"error":{"message":"Slowly"}}')
      if (call === 2) return res.writeHead(500).end('{"error":{"message":"Oh"}}')
      return writeByPlan(exchange, { scenario: pooledNumbers })
    },
    { scenario: pooledNumbers },
  )
  expect(measures.solved).toBe(1)
  expect(authors.reduce((sum, { live }) => sum + live.troubles, 0)).toBe(2)
})

test.each([
  [401, {}, /^The model m refuses the API key \(401\): No\.$/],
  [429, { 'retry-after': '900' }, /^The model m asks to slow down for 900 seconds \(429\): No\.$/],
])('an endpoint that fails for good with %i ends the run with its sentence', async (status, headers, sentence) => {
  const playing = play(({ res }) => res.writeHead(status, headers).end('{"error":{"message":"No."}}'))
  await expect(playing).rejects.toThrow(sentence)
})

test('different models play against each other, in turn, from another one on with each seed', async () => {
  const asked: string[] = []
  const answer = (exchange: Exchange) => {
    asked.push(exchange.model)
    return writeByPlan(exchange, { scenario: pooledNumbers, seed: 2, word_ms: exchange.model === 'slow' ? 5 : 0 })
  }
  const [one, other] = [await fakeEndpoint(answer), await fakeEndpoint(answer)]
  const endpoints = [
    { model: 'quick', baseURL: one.url },
    { model: 'slow', baseURL: other.url, apiKey: 'secret' },
  ]
  const played = await play(() => {}, { scenario: pooledNumbers, seed: 2, endpoints })
  expect(played.measures).toMatchObject({ finished: 1, solved: 1, crossings: 0 })
  expect(new Set(asked)).toEqual(new Set(['quick', 'slow']))
  const record = recordOf('hold', 2, new Date(0), played)
  expect(record.authors.map(({ name, model, host }) => [name, model, host])).toEqual([
    ['Ada', 'slow', new URL(other.url).host],
    ['Ben', 'quick', new URL(one.url).host],
    ['Cleo', 'slow', new URL(other.url).host],
  ])
  expect(record.result).toEqual(record.expected)
  expect(JSON.stringify(record)).not.toContain('secret')
  expect(record.measures).not.toHaveProperty('stale')
})

test('a run waits for the news of a person, and does not end before the last', async () => {
  const echo: Scenario = {
    name: 'echo',
    about: 'Each author repeats what the person says.',
    resembles: '',
    deal: () => ({
      plan(author, messages) {
        const own = messages.filter(({ sender_id }) => sender_id === author).length
        const next = messages.filter(({ sender_id }) => sender_id === PERSON)[own]
        return next && [`I have read: ${next.content}`]
      },
      news: [
        { at_ms: 50, content: 'The first thing.' },
        { at_ms: 900, content: 'The second thing.' },
      ],
      result: messages => messages.map(({ sender_id, content }) => `${sender_id} ${content}`).sort(),
      brief: author => `You are ${author}: repeat what ${PERSON} says.`,
    }),
  }
  const { ending, measures, result } = await play(exchange => writeByPlan(exchange, { scenario: echo }), {
    scenario: echo,
  })
  expect([ending, measures.solved, measures.messages]).toEqual(['at rest', 1, 6])
  expect(result.log.filter(({ sender_id }) => sender_id === PERSON).map(({ at }) => at >= 900)).toEqual([false, true])
})

test('an abort ends a run at once, with its reason', async () => {
  const stopping = new AbortController()
  const endpoint = await fakeEndpoint(({ open }) => {
    open()
    stopping.abort(new Error('enough'))
  })
  const setting: LiveSetting = {
    ...{ scenario: counting, policy: policy('hold'), seed: 1, participants: 2, settings: {} },
    ...{ endpoints: [{ model: 'm', baseURL: endpoint.url }], budget_tokens: 1e6, limit_ms: 60_000 },
  }
  await expect(playLive(setting, stopping.signal)).rejects.toThrow('enough')
})
