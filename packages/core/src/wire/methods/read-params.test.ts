import { expect, test } from 'vitest'
import { isMidsentenceError } from '../../errors.ts'
import { methods } from './all-methods.ts'

/** Returns the error message for params; undefined if they are valid. */
function errorFor(name: string, params: unknown): string | undefined {
  try {
    methods.find(method => method.name === name)!.read(JSON.parse(JSON.stringify(params)))
    return undefined
  } catch (error) {
    if (isMidsentenceError(error) && error.code === 'invalid-params') return error.message
    throw error
  }
}

test.each<[string, unknown, string]>([
  ['append', {}, 'The parameter "text" of append is missing: it must be a string.'],
  [
    'append',
    { content: 'x', key: 'k' },
    'The parameter "text" of append is missing: it must be a string. The call has "content", "key".',
  ],
  ['append', { text: 42 }, 'The parameter "text" of append must be a string, but it is the number 42.'],
  ['append', { text: null }, 'The parameter "text" of append must be a string, but it is null.'],
  ['append', { text: ['a'] }, 'The parameter "text" of append must be a string, but it is a list.'],
  ['append', { text: { a: 1 } }, 'The parameter "text" of append must be a string, but it is an object.'],
  ['append', ['a'], 'Pass the params of append by name, as an object, not as a list.'],
  [
    'undo',
    { key: '' },
    'The parameter "key" of undo must be a string of 1 to 128 characters, but it is an empty string.',
  ],
  [
    'undo',
    { key: '😀'.repeat(129) },
    `The parameter "key" of undo must be a string of 1 to 128 characters, but it is a string of 129 characters, "${'😀'.repeat(40)}…".`,
  ],
  [
    'push',
    { timeout_ms: -1 },
    'The parameter "timeout_ms" of push must be a number of milliseconds, 0 or more, but it is the number -1.',
  ],
  [
    'push',
    { timeout_ms: '5\u202e\n' },
    'The parameter "timeout_ms" of push must be a number of milliseconds, 0 or more, but it is "5\\u{202e}\\n".',
  ],
  ['push', { meta: [] }, 'The parameter "meta" of push must be an object, but it is a list.'],
  [
    'check',
    { after: 1.5 },
    'The parameter "after" of check must be a whole number, 0 or more: the seq up to which you have all messages, but it is the number 1.5.',
  ],
  [
    'publish',
    { content: 1, base: 2 ** 53, key: 'k' },
    'The parameter "content" of publish must be a string, but it is the number 1. The parameter "base" of publish must be a whole number, 0 or more: the seq up to which its author had all messages, but it is the number 9007199254740992.',
  ],
  [
    'join',
    { username: 'a', secret: 'tell-no-one' },
    'The parameter "secret" of join must be a string of at least 16 bytes, but it is a string of 11 characters.',
  ],
  [
    'resume',
    { token: 123456 },
    'The parameter "token" of resume must be a string: the token that join returned, but it is a number.',
  ],
  [
    'draft',
    { facts: [{ type: 'undone' }, 'reset'], rev: 2 },
    'The parameter "facts" of draft must be a list of facts, each an object with a type: appended with text and base, undone, reset, pushed with seq, but it is a list.',
  ],
])('%s refuses %j', (name, params, message) => {
  expect(errorFor(name, params)).toBe(message)
})

test.each<[string, unknown]>([
  ['append', { text: '' }],
  ['append', { text: '\ud83d', key: '😀'.repeat(128), after: 0, unknown: { field: 1 } }],
  ['push', { timeout_ms: 1e300, meta: {} }],
  ['check', { timeout_ms: 0.5, after: Number.MAX_SAFE_INTEGER }],
  ['join', { username: '', room: '' }],
  ['join', { username: 'a', secret: 'ä'.repeat(8) }],
  ['draft', { facts: [], rev: 0, on: true }],
  ['who', { anything: 'goes' }],
  ['rpc.discover', {}],
])('%s takes %j', (name, params) => {
  expect(errorFor(name, params)).toBeUndefined()
})

const booleans = ['person', 'typing_indicator', 'writing', 'on']

test('every parameter of every method has its own error sentence', () => {
  for (const { name, params } of methods) {
    for (const parameter of Object.keys(params.shape)) {
      const sentence = errorFor(name, { ...wellFormed, [parameter]: booleans.includes(parameter) ? 'yes' : true })
      expect(sentence).toMatch(new RegExp(`^The parameter "${parameter}" of ${name} must be an? .*, but it is .*\\.$`))
      expect(sentence).not.toMatch(/expected|received|invalid/i)
    }
  }
})

const wellFormed = { username: 'a', text: 'a', content: 'a', base: 0, key: 'k', facts: [], rev: 0, on: true }
