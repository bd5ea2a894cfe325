import { expect, test } from 'vitest'
import { type ErrorCode, errorFromRpc, isMidsentenceError, MidsentenceError, rpcNumbers } from './errors.ts'

test.each(Object.entries(rpcNumbers))('%s is read from its number', (code, number) => {
  const error = errorFromRpc({ code: number, message: 'Do this.' })
  expect(isMidsentenceError(error)).toBe(true)
  expect(error).toMatchObject({ code: code as ErrorCode, message: 'Do this.', data: {} })
})

test('its data keeps only known members of the right type', () => {
  const data = { retry_after_ms: 1500, unknown: true, reason: 'too loud', more: 1 }
  const error = errorFromRpc({ code: 40013, message: 'Later.', data })
  expect(error.data).toEqual({ retry_after_ms: 1500, unknown: true, reason: 'too loud' })
  const crooked = { retry_after_ms: '1500', unknown: 'yes', reason: 7 }
  expect(errorFromRpc({ code: 40013, message: 'Later.', data: crooked }).data).toEqual({})
})

test.each([{ code: 1, message: 'odd' }, { code: '40013' }, {}, null, undefined, 'no', 7, []])(
  '%j becomes an internal error with a message',
  value => {
    const error = errorFromRpc(value)
    expect(error.code).toBe('internal')
    expect(error.message).not.toBe('')
  },
)

test('the message ends with the remedy, as a sentence or after a colon', () => {
  const remedy = 'start one there'
  const messageOf = (problem: string) => new MidsentenceError('unavailable', problem, { remedy }).message
  expect(['None answers.', 'Is it there?', 'None answers'].map(messageOf)).toEqual([
    'None answers. Start one there.',
    'Is it there? Start one there.',
    'None answers: start one there.',
  ])
  const plain = new MidsentenceError('unavailable', 'None answers.')
  expect([plain.message, plain.problem, plain.remedy]).toEqual(['None answers.', 'None answers.', undefined])
})
