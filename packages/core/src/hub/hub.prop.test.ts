import { expect } from 'vitest'
import { type Author, type Call, rehearse } from '../../../../tests/hub-rehearsal.ts'
import { prop } from '../../../../tests/properties.ts'
import { rehearsals } from '../../../../tests/rehearsals.ts'
import type { Message } from '../room/message.ts'

const effective = ({ calls }: Author): Call[] => calls.filter(call => !call.again && !call.misuse)
const inLine = (author: Author): Call[] => effective(author).filter(({ action }) => action !== 'check')

/** The draft is a fold of the calls in their order, and what is sent is the draft as it then was. */
function draftsAreFolds(author: Author, own: readonly Message[]): void {
  let draft: string[] = []
  const sent: string[] = []
  for (const { action, request, answer, error } of inLine(author)) {
    if (error) {
      if (author.left && error.code === 'session-unknown') continue
      expect([action, draft.length, error.code]).toEqual(
        request.beyond ? [action, draft.length, 'invalid-params'] : ['push', 0, 'no-draft'],
      )
      continue
    }
    const { status, suffix } = answer!
    if (action === 'publish') {
      if (status === 1) sent.push(request.content!)
      continue
    }
    if (action === 'append') draft.push(request.text!)
    else if (action === 'undo') expect(status).toBe(draft.pop() === undefined ? 0 : 1)
    else if (action === 'reset') draft = []
    else if (action === 'preview')
      expect(answer).toMatchObject({ draft: draft.join(''), segments: { length: draft.length } })
    else if (status === 1) {
      sent.push(draft.join(''))
      draft = []
      continue
    } else expect(answer).toMatchObject({ held: true, segments: draft.length })
    expect(draft.join('').endsWith(suffix!)).toBe(true)
  }
  expect(own.map(({ content }) => content)).toEqual(sent)
}

/** Everything others said since the join, once, in order. */
function deliveredOnce(author: Author, others: readonly Message[]): void {
  const given = new Set<number>()
  let through = author.readable
  for (const { action, request, silent, answer } of effective(author)) {
    if (!answer) continue
    const { messages, cursor } = answer
    if (silent) expect(messages).toEqual([])
    if (action === 'check') expect(answer.status).toBe(messages.length > 0 ? 1 : 0)
    const from = request.after ?? request.base
    const readable = Math.max(author.readable, from ?? 0)
    expect(messages).toEqual(
      others.filter(({ seq }) => messages[0] && seq >= messages[0].seq && seq <= messages.at(-1)!.seq),
    )
    for (const { seq } of messages) {
      expect(seq).toBeGreaterThan(from === undefined && action !== 'check' ? through : readable)
      // Who says `after` asks for it again.
      if (from === undefined) expect(given).not.toContain(seq)
    }
    for (const { seq } of messages) given.add(seq)
    // A notification moves no cursor, whatever it names.
    if (from !== undefined && !silent) for (const { seq } of others) if (seq <= from) given.add(seq)
    if (action !== 'check' && !silent) through = Math.max(through, cursor)
  }
  if (!author.left) expect(others.filter(({ seq }) => !given.has(seq))).toEqual([])
}

/** No push crosses what its author had not been given; none is held for nothing; what is crossed is said. */
function holdsAreJust(author: Author, others: readonly Message[], own: readonly Message[], annotates: boolean): void {
  for (const { action, knew, answer } of inLine(author)) {
    if ((action !== 'push' && action !== 'publish') || !answer) continue
    const unseen = others.filter(({ seq }) => seq > knew).map(({ seq }) => seq)
    if (answer.status === 0) {
      expect(annotates).toBe(false)
      if (answer.floor?.name !== author.name && answer.floor) continue
      expect(unseen.length).toBeGreaterThan(0)
      continue
    }
    const message = own.find(({ seq }) => seq === answer.seq)
    expect(message).toMatchObject({ base: knew, message_id: answer.message_id, timestamp: answer.timestamp })
    const crossed = unseen.filter(seq => seq < answer.seq!)
    expect(answer.crossed ?? []).toEqual(crossed)
    expect(message!.crossed ?? []).toEqual(crossed)
    if (!annotates) expect(crossed).toEqual([])
  }
}

/** The same key again: the first answer. Another call under it: refused. */
function keysAreKept({ calls, left }: Author): void {
  for (const { again, misuse, answer, error } of calls) {
    if (left && error?.code === 'session-unknown') continue
    if (misuse) expect(error).toMatchObject({ code: 'invalid-params' })
    if (again?.answer) expect(answer).toEqual(again.answer)
    if (again?.error) expect(error).toEqual(again.error)
  }
}

/** Messages come by streams as they stand in the room. */
function heardOnce({ heard, readable, left }: Author, room: readonly Message[]): void {
  const due = room.filter(({ seq }) => seq > readable)
  expect(heard).toEqual(left ? due.slice(0, heard.length) : due)
}

prop(
  '[L1] [D1] [P4] [H1] [H3] whatever they call in whatever order, hosted or not: the hub keeps its promises',
  [rehearsals],
  async rehearsal => {
    const { authors, room, sessionOf } = await rehearse(rehearsal)
    expect(room.map(({ seq }) => seq)).toEqual(room.map((_, at) => at + 1))
    for (const author of authors) {
      const mine = ({ seq }: Message) => sessionOf(seq) === author.id
      const own = room.filter(mine)
      const others = room.filter(message => message.seq > author.readable && !mine(message))
      expect(author.calls.filter(({ answer, error }) => !answer && !error)).toEqual([])
      draftsAreFolds(author, own)
      deliveredOnce(author, others)
      holdsAreJust(author, others, own, rehearsal.policy === 'annotate')
      keysAreKept(author)
      heardOnce(author, room)
    }
  },
)
