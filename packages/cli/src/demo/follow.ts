import { renderMessages } from '@midsentence/client'
import {
  type ActionAnswer,
  type Draft,
  type EmittedEvent,
  emptyDraft,
  evolve,
  type Participant,
} from '@midsentence/core'
import type { Cue, What, Who } from './cue.ts'

/** Tells `show` what happens to `participant`, from its own streams. Ends when the participant closes. */
export function follow(participant: Participant, who: Who, show: (cue: Cue) => void): void {
  // An undo's fact does not say what it took back: the draft is the fold of the facts, here as in the participant.
  let draft: Draft = participant.view.draft
  const say = (what: What, text = '') => show({ who, what, text: plain(text) })

  const hear = (event: EmittedEvent): void => {
    const before = draft
    switch (event.type) {
      case 'appended':
        draft = evolve(draft, event)
        return say('writes', event.text)
      case 'undone':
        draft = evolve(draft, event)
        return say('takes back', before.head?.text)
      case 'reset':
        draft = emptyDraft
        return say('empties', 'the draft')
      case 'arrived':
        // One's own message may come back before the verdict does.
        if (event.message.sender_id === participant.name) return
        return say('hears', `from ${event.message.sender_id}, not read yet`)
      case 'pushing':
        return say('pushes', 'the draft')
      case 'held':
        return say('held', 'something unseen came first, the draft stays')
      case 'pushed':
        draft = emptyDraft
        return say('sent', event.crossed ? `but it crossed ${event.crossed.length} unseen` : 'as one message')
      case 'missed':
        return say('trouble', `${event.to - event.from + 1} messages are gone for good`)
      case 'link.changed':
        return event.link.state === 'up' ? undefined : say('trouble', event.link.reason)
      case 'rejected':
        return say('trouble', event.error.message)
      case 'answered':
        return read(event.answer)
    }
  }
  const read = ({ messages }: ActionAnswer) => {
    for (const message of messages) say('reads', renderMessages([message]).replace(/\n */g, ' '))
  }
  participant.events$.subscribe(hear)

  let waiting = false
  participant.state$.subscribe(view => {
    if (view.waiting && !waiting) say('waits', 'for messages')
    waiting = view.waiting
  })
}

/** What others choose must not steer the terminal. */
const plain = (text: string): string =>
  text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
