import type { Participant } from '@midsentence/core'
import { expect, test } from 'vitest'
import { promptText } from './prompt-text.ts'
import { showIncoming } from './show-incoming.ts'

test('the prompt shows who is writing, and presence appears once', () => {
  let emit: (event: object) => void = () => {}
  const view = { unseen: 0, present: new Set(['Ada', 'Ben']), draft: { segments: 0 } }
  const participant = {
    ...{ name: 'Ada', view, state$: { subscribe() {} }, check: async () => ({ messages: [] }) },
    events$: {
      subscribe(next: (event: object) => void) {
        emit = next
      },
    },
  } as unknown as Participant
  const said: string[] = []
  let writing: readonly string[] = []
  showIncoming(participant, {
    received() {},
    say: sentence => void said.push(sentence),
    writing: names => {
      writing = names
    },
  })
  const presence = (sender_id: string, present: boolean, writing = false) =>
    emit({ type: 'presence.changed', sender_id, present, writing })
  const prompt = () => promptText(participant, 0, writing)
  expect(prompt()).toBe('Ada> ')
  presence('Ben', true, true)
  presence('Ada', true, true)
  expect(prompt()).toBe('("Ben" is writing) Ada> ')
  presence('Cy', true)
  presence('Cy', true, true)
  expect(prompt()).toBe('("Ben" and "Cy" are writing) Ada> ')
  presence('Dan', true, true)
  expect(prompt()).toBe('(3 are writing) Ada> ')
  presence('Ben', false)
  presence('Cy', true, false)
  expect(prompt()).toBe('("Dan" is writing) Ada> ')
  expect(said).toEqual(['"Cy" is here.', '"Dan" is here.', '"Ben" is gone.'])
})
