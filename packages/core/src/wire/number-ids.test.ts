import { prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { numberIdsAsWritten } from './number-ids.ts'

test.each<[string, (string | undefined)[]]>([
  ['{"id":1e400}', ['1e400']],
  [' { "a" : {"id":1}, "id" : -0.50 } ', ['-0.50']],
  ['{"id":2,"params":{"id":3}}', ['2']],
  ['{"id":2,"params":[{"id":3},"id"]}', ['2']],
  ['{"\\u0069d":7}', ['7']],
  ['{"text":"\\"id\\":9,","id":4}', ['4']],
  ['{"text":"\\\\","id":4}', ['4']],
  ['{"id":1,"id":"two"}', [undefined]],
  ['[{"id":1},{"a":[1,2]},{"id":3}]', ['1', undefined, '3']],
  ['[[{"id":1}],7,"id",{"id":3}]', [undefined, undefined, undefined, '3']],
  ['{"id":null}', [undefined]],
  ['{"a":"id"}', []],
  ['7', []],
])('in %s the ids are written %j', (text, ids) => {
  expect([...numberIdsAsWritten(text)]).toEqual(ids)
})

const space = fc.constantFrom('', ' ', '\n\t')
const id = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer())

prop(
  'number ids keep their index in any batch',
  [fc.array(fc.record({ id, params: fc.jsonValue() }, { requiredKeys: [] }), { maxLength: 5 }), space],
  (batch, gap) => {
    const text = JSON.stringify(batch, undefined, gap)
    const found = numberIdsAsWritten(gap + text + gap)
    for (const [place, request] of batch.entries()) {
      expect(found[place] === undefined ? undefined : Number(found[place])).toEqual(
        request.id === undefined ? undefined : Number(JSON.stringify(request.id)),
      )
    }
  },
)
