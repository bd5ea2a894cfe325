import { fakeHub } from '@midsentence/testing/fake-hub'
import { anyCharacters, prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rpcDispatcher } from './dispatcher.ts'
import { methods } from './methods/all-methods.ts'

const faults: unknown[] = []

async function ask(text: string) {
  const fake = fakeHub()
  const answer = await rpcDispatcher(fake.hub, { fault: cause => faults.push(cause) }).dispatch(text, { token: 'good' })
  return { answer: answer === undefined ? undefined : JSON.parse(answer), calls: fake.calls }
}

/** Whether this is a valid response to a request with this id. */
function expectResponse(answer: unknown, id: unknown) {
  expect(answer).toMatchObject({ jsonrpc: '2.0', id })
  const { error, result, ...rest } = answer as Record<string, unknown>
  expect(Object.keys(rest).sort()).toEqual(['id', 'jsonrpc'])
  if (error === undefined) expect(result).toBeDefined()
  else {
    expect(result).toBeUndefined()
    expect(error).toEqual({ code: expect.any(Number), message: expect.stringMatching(/^\S.*\.$/s) })
  }
}

const mayBeId = (id: unknown) => id === null || typeof id === 'string' || typeof id === 'number'

/** The id that an element must be answered with by the specification, if any. */
function expected(element: unknown): { id: unknown } | undefined {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return { id: null }
  const { jsonrpc, method, params, id } = element as Record<string, unknown>
  const notified = !('id' in element)
  const valid =
    jsonrpc === '2.0' &&
    typeof method === 'string' &&
    (params === undefined || (typeof params === 'object' && params !== null)) &&
    (notified || mayBeId(id))
  if (valid) return notified ? undefined : { id }
  return { id: mayBeId(id) ? id : null }
}

const id = fc.oneof(
  anyCharacters({ maxLength: 3 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(number => number + 0),
  fc.constantFrom(null, true, 0, 2 ** 53 + 2),
  fc.jsonValue({ maxDepth: 1 }),
)

const params = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.record(
    {
      text: fc.oneof(fc.string(), fc.jsonValue()),
      key: fc.oneof(fc.string(), fc.jsonValue()),
      after: fc.oneof(fc.nat(), fc.jsonValue()),
      base: fc.nat(),
      content: fc.string(),
      username: fc.string(),
      timeout_ms: fc.oneof(fc.double(), fc.jsonValue()),
      meta: fc.jsonValue(),
      facts: fc.array(fc.oneof(fc.constantFrom({ type: 'undone' }, { type: 'appended' }), fc.jsonValue())),
      rev: fc.nat(),
    },
    { requiredKeys: [] },
  ),
)

const element = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  {
    weight: 5,
    arbitrary: fc.record(
      {
        jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, { weight: 1, arbitrary: fc.jsonValue() }),
        method: fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom(...methods.map(({ name }) => name), 'rpc.x', '__proto__') },
          { weight: 1, arbitrary: fc.jsonValue() },
        ),
        params,
        id,
      },
      { requiredKeys: ['jsonrpc', 'method'] },
    ),
  },
)

prop('a request is answered under its id or not at all', [element], async element => {
  fc.pre(!Array.isArray(element))
  const sent = JSON.parse(JSON.stringify(element))
  const { answer } = await ask(JSON.stringify(element))
  const due = expected(sent)
  if (due) expectResponse(answer, due.id)
  else expect(answer).toBeUndefined()
})

prop('a batch is answered in order', [fc.array(element, { minLength: 1, maxLength: 8 })], async batch => {
  const sent = JSON.parse(JSON.stringify(batch)) as unknown[]
  const { answer } = await ask(JSON.stringify(batch))
  const due = sent.map(expected).filter(each => each !== undefined)
  if (due.length === 0) return expect(answer).toBeUndefined()
  expect(answer).toHaveLength(due.length)
  for (const [place, { id }] of due.entries()) expectResponse(answer[place], id)
})

prop('invalid requests do not reach the hub', [fc.array(element, { minLength: 1, maxLength: 3 })], async batch => {
  const { answer, calls } = await ask(JSON.stringify(batch))
  const refused = (answer ?? []).every((each: { error?: unknown }) => each.error !== undefined)
  if (refused && answer?.length === batch.length) expect(calls).toEqual([])
})

prop('every text gets a response', [anyCharacters()], async text => {
  fc.pre(!isJson(text))
  const { answer, calls } = await ask(text)
  expectResponse(answer, null)
  expect([answer.error.code, calls]).toEqual([-32700, []])
})

prop('cut or damaged requests are answered', [element, fc.nat(), fc.string()], async (element, at, damage) => {
  const text = JSON.stringify(element)
  const place = at % (text.length + 1)
  const damaged = text.slice(0, place) + damage + text.slice(place + damage.length)
  const { answer } = await ask(damaged)
  if (!isJson(damaged)) expect(answer.error.code).toBe(-32700)
})

test('no request caused an unexpected error', () => {
  expect(faults).toEqual([])
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
