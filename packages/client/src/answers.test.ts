import type { CheckAnswer, HeldAnswer, PushAnswer, SentAnswer } from '@midsentence/core'
import { expectTypeOf, test } from 'vitest'

// `tsc -p tsconfig.test.json` checks these types; vitest only runs the functions.
test('the status of an answer tells what kind of answer it is', () => {
  const read = (answer: PushAnswer): string => {
    if (answer.status === 1) {
      expectTypeOf(answer).toEqualTypeOf<SentAnswer>()
      return answer.message_id
    }
    expectTypeOf(answer).toEqualTypeOf<HeldAnswer>()
    return answer.suffix
  }
  const byHeld = (answer: PushAnswer): string => (answer.held ? answer.suffix : answer.message_id)
  expectTypeOf(read).returns.toEqualTypeOf<string>()
  expectTypeOf(byHeld).returns.toEqualTypeOf<string>()
  expectTypeOf<CheckAnswer['status']>().toEqualTypeOf<0 | 1>()
  // @ts-expect-error: a held push has no message_id.
  const wrong = (answer: HeldAnswer) => answer.message_id
  expectTypeOf(wrong).toBeFunction()
})
