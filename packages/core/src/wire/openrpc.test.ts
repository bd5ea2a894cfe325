import { fakeHub } from '@midsentence/testing/fake-hub'
import { expect, test } from 'vitest'
import { append } from '../draft/decide.ts'
import { emptyDraft } from '../draft/evolve.ts'
import { defaultLimits, suffixOf } from '../index.ts'
import { rpcDispatcher } from './dispatcher.ts'
import { adminDocument } from './methods/admin-methods.ts'
import { methods, openRpc } from './methods/all-methods.ts'
import { examples } from './methods/examples.ts'

/** Formats JSON as the formatter does: lists of plain values on one line. */
function written(value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const deeper = `${indent}  `
  const members = Array.isArray(value)
    ? value.map(each => written(each, deeper))
    : Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${written(each, deeper)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  if (members.length === 0) return `${open}${close}`
  const plain = Array.isArray(value) && value.every(each => typeof each !== 'object')
  if (plain) return `${open}${members.join(', ')}${close}`
  return `${open}\n${members.map(each => deeper + each).join(',\n')}\n${indent}${close}`
}

test('docs/openrpc.json is generated from the schemas', async () => {
  await expect(`${written(openRpc())}\n`).toMatchFileSnapshot('../../../../docs/openrpc.json')
})

test('docs/openrpc-admin.json is generated from the schemas', async () => {
  await expect(`${written(adminDocument())}\n`).toMatchFileSnapshot('../../../../docs/openrpc-admin.json')
})

test('[W8] rpc.discover needs no session', async () => {
  const { hub } = fakeHub()
  const answer = await rpcDispatcher(hub).dispatch('{"jsonrpc":"2.0","method":"rpc.discover","id":0}', {})
  expect(JSON.parse(answer!).result).toEqual(JSON.parse(JSON.stringify(openRpc())))
})

test('the document lists every method once', () => {
  const names = openRpc().methods.map(({ name }) => name)
  expect(names.toSorted()).toEqual(
    ['append', 'check', 'draft', 'hush', 'join', 'leave', 'preview', 'publish', 'push', 'reset', 'resume'].concat([
      'rpc.discover',
      'undo',
      'who',
      'writing',
      'yield',
    ]),
  )
  expect(names).toEqual(methods.map(({ name }) => name))
})

/** Every `$ref` in a value. */
function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => (name === '$ref' ? [String(each)] : refsIn(each)))
}

test('the document has the form of OpenRPC 1.3', () => {
  const { openrpc, info, methods, components, 'x-events': events, 'x-score-events': score, ...rest } = openRpc()
  expect(openrpc).toMatch(/^1\.3\.\d+$/)
  expect(info).toEqual({
    title: expect.any(String),
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    description: expect.any(String),
  })
  expect(rest).toEqual({})
  expect(events?.map(({ name }) => name)).toEqual(['welcome', 'message', 'presence', 'missed', 'hush', 'watchers'])
  expect(score?.map(({ name }) => name)).toEqual(['welcome', 'record', 'missed'])
  for (const { name, params, result, errors, examples = [], ...rest } of methods) {
    expect(rest).toEqual({
      summary: expect.stringMatching(/^[A-Z][^\n]*\.$/),
      description: expect.stringMatching(/^[A-Z].*\.$/s),
      paramStructure: 'by-name',
    })
    expect(new Set(params.map(param => param.name)).size).toBe(params.length)
    const required = params.map(param => param.required === true)
    expect(required).toEqual(required.toSorted((a, b) => Number(b) - Number(a)))
    for (const content of [...params, result]) {
      expect(content).toMatchObject({ name: expect.any(String), schema: expect.any(Object) })
      expect(Object.keys(content.schema)).not.toEqual(
        expect.arrayContaining(['$schema', '$id', '$defs', 'definitions']),
      )
    }
    for (const param of params)
      expect([name, param.name, param.description]).toEqual([name, param.name, expect.stringMatching(/^[A-Z].*\.$/)])
    expect(errors.map(({ $ref }) => $ref)).toContain('#/components/errors/invalid-params')
    for (const example of examples) {
      expect(example).toEqual({
        name: expect.any(String),
        params: expect.any(Array),
        result: { name: result.name, value: expect.anything() },
      })
    }
  }
  for (const [name, schema] of Object.entries(components.schemas)) {
    expect([name, schema]).toEqual([expect.stringMatching(/^[\w.-]+$/), expect.objectContaining({ type: 'object' })])
  }
  for (const error of Object.values(components.errors)) {
    expect(error).toEqual({ code: expect.any(Number), message: expect.any(String), data: expect.any(String) })
  }
})

test('every reference resolves, and every component is referenced', () => {
  const whole = openRpc()
  const refs = new Set(refsIn(whole))
  const there = Object.entries(whole.components).flatMap(([kind, each]) =>
    Object.keys(each).map(name => `#/components/${kind}/${name}`),
  )
  for (const ref of refs) expect(there).toContain(ref)
  const ofNoMethod = ['parse-error', 'invalid-request', 'method-not-found'].map(name => `#/components/errors/${name}`)
  expect(there.filter(each => !refs.has(each))).toEqual(ofNoMethod)
})

test('the example of each method fits its schemas', () => {
  const described = methods.filter(({ name }) => name !== 'rpc.discover')
  expect(Object.keys(examples).toSorted()).toEqual(described.map(({ name }) => name).toSorted())
  for (const { name, params, result } of described) {
    expect([name, params.safeParse(examples[name]!.params).error]).toEqual([name, undefined])
    expect([name, result.safeParse(examples[name]!.result).error]).toEqual([name, undefined])
  }
})

test('the example of append equals a real append', () => {
  const { params, result } = examples.append!
  const { draft, status, suffix, accepted, dropped } = append(emptyDraft, String(params.text), 0, defaultLimits)
  expect(result).toMatchObject({ status, suffix, accepted, dropped })
  expect(examples.preview!.result).toMatchObject({ length: draft.length, suffix: suffixOf(draft) })
})

test('[W8] the results of a hub fit the document', async () => {
  const { hub } = fakeHub()
  for (const { name, result } of methods) {
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: name, params: examples[name]?.params })
    const answer = JSON.parse((await rpcDispatcher(hub).dispatch(text, { token: 'good' }))!)
    expect([name, result.safeParse(answer.result).error]).toEqual([name, undefined])
  }
})
