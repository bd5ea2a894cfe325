import * as arena from '@midsentence/arena'
import { expect, onTestFinished, test } from 'vitest'
import type { ArenaFlags, ArenaPackage } from '../options.ts'
import { openingOf } from './format-live.ts'
import { readLiveSettings, refuseLiveOptions } from './live-options.ts'

const flags: ArenaFlags = { live: true, model: 'a', 'base-url': 'http://127.0.0.1:1/v1' }
const read = (more: ArenaFlags) => readLiveSettings({ ...flags, ...more }, arena)

test('the defaults are five runs of four participants under hold', () => {
  expect(read({})).toMatchObject({
    scenario: arena.pooledNumbers,
    policies: [arena.policies[0]],
    ...{ participants: 4, first: 1, runs: 5, budget_tokens: 400_000, minutes: 10, sampling: {}, resume: false },
    endpoints: [{ model: 'a', baseURL: 'http://127.0.0.1:1/v1' }],
  })
})

test.each([
  [
    { policy: 'turns' },
    'A model cannot follow turns, since the loop of @midsentence/agent does not: it follows hold, hold-without-floor, annotate and blind-send.',
  ],
  [{ policy: 'hold,regenerate' }, 'A model cannot follow regenerate'],
  [{ policy: 'check-then-send' }, 'A model cannot follow check-then-send'],
  [{ policy: 'lock' }, 'A model cannot follow lock'],
  [{ scenario: 'counting,pooled-numbers' }, '--live plays one scenario a file'],
  [{ lineup: 'slow' }, '--lineup is for simulated authors'],
  [{ seeds: '3' }, '--seeds is for simulated authors'],
  [{ notices: '0.5' }, '--notices is for simulated authors'],
  [{ resume: true }, '--resume goes on with the runs of a file'],
  [{ minutes: '0' }, '--minutes takes a number above 0.'],
  [{ 'budget-tokens': '1e9' }, '--budget-tokens takes a whole number above 0'],
  [{ model: 'a,b,c', participants: '2' }, '--model names 3 models for 2 participants'],
  [{ model: 'a,b,c', 'base-url': 'http://x,http://y' }, '--base-url takes one value, or one for each of the 3 models.'],
  [{ model: 'a,,c' }, 'You need a model'],
  [{ 'base-url': 'x' }, '--base-url is the address of an endpoint'],
  [{ 'api-key-env': 'NOT_THERE' }, 'The environment variable NOT_THERE is not set'],
] as const)('%j is refused in a sentence', (more, sentence) => {
  expect(() => read(more)).toThrow(sentence)
})

test('a scenario without a description for models is refused, and the others are named', () => {
  const deal: arena.Scenario['deal'] = () => ({ plan: () => undefined, result: () => 0 })
  const mute: arena.Scenario = { name: 'mute', about: '', resembles: '', deal }
  const withMute: ArenaPackage = { ...arena, allScenarios: [mute, ...arena.allScenarios] as never }
  expect(() => readLiveSettings({ ...flags, scenario: 'mute' }, withMute)).toThrow(
    /^mute cannot be played by models, since it has no description for them: .*counting.* have one\.$/,
  )
})

test('options of models are refused without --live', () => {
  expect(() => refuseLiveOptions({ model: 'a' })).toThrow('--model is for runs with models: add --live.')
  expect(() => refuseLiveOptions({ seeds: '3' })).not.toThrow()
})

test('every model has its endpoint and its key, and no endpoint is given the key of another', () => {
  process.env.LIVE_TEST_KEY = 'secret'
  onTestFinished(() => {
    delete process.env.LIVE_TEST_KEY
  })
  const two = { model: 'a,b', 'base-url': 'http://127.0.0.1:1/v1,https://user:pass@b.example/v1?key=hidden' }
  expect(() => read({ ...two, 'api-key-env': 'LIVE_TEST_KEY' })).toThrow('The endpoints differ')
  const settings = read({ ...two, 'api-key-env': ',LIVE_TEST_KEY', temperature: '0.7' })
  expect(settings.endpoints).toEqual([
    { model: 'a', baseURL: 'http://127.0.0.1:1/v1' },
    { model: 'b', baseURL: 'https://user:pass@b.example/v1?key=hidden', apiKey: 'secret' },
  ])
  const shared = read({ model: 'a,b', 'api-key-env': 'LIVE_TEST_KEY' })
  expect(shared.endpoints.map(({ apiKey }) => apiKey)).toEqual(['secret', 'secret'])
  const opening = openingOf(settings, new Date(0))
  expect(opening).toContain('Models: a at 127.0.0.1:1 and b at b.example; temperature: 0.7.')
  expect(opening).toContain('at most 2,000,000 tokens in all.')
  expect(opening).not.toMatch(/secret|pass|hidden/)
})
