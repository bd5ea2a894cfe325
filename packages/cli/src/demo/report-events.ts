import { inLine, nameInSentence, renderMessages } from '@midsentence/client'
import {
  type ActionAnswer,
  type Draft,
  type EmittedEvent,
  emptyDraft,
  evolve,
  type Participant,
} from '@midsentence/core'
import type { DemoEvent, DemoEventType, DemoName } from './demo-view.ts'

/** Passes the events of `participant` to `show`, until the participant closes. */
export function reportEvents(participant: Participant, name: DemoName, show: (event: DemoEvent) => void): void {
  // An `undone` event does not hold the removed text, so the draft is folded here too.
  let draft: Draft = participant.view.draft
  const report = (type: DemoEventType, text = '') => show({ name, type, text: toSingleLine(text) })

  const handle = (event: EmittedEvent): void => {
    const before = draft
    switch (event.type) {
      case 'appended':
        draft = evolve(draft, event)
        return report('writes', event.text)
      case 'undone':
        draft = evolve(draft, event)
        return report('takes back', before.head?.text)
      case 'reset':
        draft = emptyDraft
        return report('empties', 'the draft')
      case 'arrived':
        // A participant's own message may arrive before the answer to its push.
        if (event.message.sender_id === participant.name) return
        return report('hears', `from ${nameInSentence(event.message.sender_id)}, not read yet`)
      case 'pushing':
        return report('pushes', 'the draft')
      case 'held':
        return report('held', 'something unseen came first, the draft stays')
      case 'pushed':
        draft = emptyDraft
        return report('sent', event.crossed ? `but it crossed ${event.crossed.length} unseen` : 'as one message')
      case 'missed':
        return report('trouble', `${event.to - event.from + 1} messages are gone for good`)
      case 'link.changed':
        return event.link.state === 'up' ? undefined : report('trouble', event.link.reason)
      case 'rejected':
        return report('trouble', event.error.message)
      case 'answered':
        return read(event.answer)
    }
  }
  const read = ({ messages }: ActionAnswer) => {
    for (const message of messages) report('reads', renderMessages([message]).replace(/\n */g, ' '))
  }
  participant.events$.subscribe(handle)

  let waiting = false
  participant.state$.subscribe(view => {
    if (view.waiting && !waiting) report('waits', 'for messages')
    waiting = view.waiting
  })
}

/** Replaces controls, so that other participants cannot write terminal escapes, and tabs, which would break columns. */
const toSingleLine = (text: string): string => inLine(text).replaceAll('\t', ' ')
