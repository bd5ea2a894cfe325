import { expect, test } from 'vitest'
import { readMessage } from './read-message.ts'

const least = { message_id: 'm-1', sender_id: 'Ada', content: '', timestamp: '2026-01-01T00:00:00.000Z', seq: 1 }
const most = { ...least, base: 0, crossed: [3, 4], crossed_more: 2, meta: { tone: 'dry' }, local_ids: true }

test('[B1] readMessage keeps the known members and no others', () => {
  expect(readMessage(least)).toEqual(least)
  expect(readMessage(most)).toEqual(most)
  expect(readMessage({ ...most, colour: 'red' })).toEqual(most)
})

test.each([undefined, null, 'text', 7, [least], {}])('readMessage rejects %j', value => {
  expect(readMessage(value)).toBeUndefined()
})

test.each([
  ['message_id', 1],
  ['sender_id', null],
  ['content', undefined],
  ['timestamp', 0],
  ['seq', 0],
  ['seq', -1],
  ['seq', 1.5],
  ['seq', '1'],
  ['seq', 2 ** 53],
])('without a usable %s (%j) it is no message', (field, value) => {
  expect(readMessage({ ...least, [field]: value })).toBeUndefined()
})

test.each([
  ['base', -1],
  ['crossed', 'all'],
  ['crossed', [1, 'two']],
  ['crossed_more', '2'],
  ['meta', []],
  ['meta', 'dry'],
  ['local_ids', 'yes'],
])('an optional %s that is %j is left out', (field, value) => {
  expect(readMessage({ ...least, [field]: value })).toEqual(least)
})
