import { append, reset, undo } from '../draft/decide.ts'
import { segmentsOf, textOf } from '../draft/evolve.ts'
import { suffixOf } from '../draft/suffix.ts'
import { isMidsentenceError, MidsentenceError } from '../errors.ts'
import { baseOf, evolveParticipant, historyOf, type ParticipantState } from '../participant/evolve.ts'
import type { Fact } from '../participant/facts.ts'
import { cursorOf, hasUnreported, knows } from '../participant/inbox.ts'
import type { Link, OpenResult, Verdict } from '../ports/transport.ts'
import type { Message, Seq } from '../room/message.ts'
import { pageSize } from '../room/page.ts'
import { defaultRoomSettings } from '../room/settings.ts'
import type { ActionAnswer, AnswerBase } from './answers.ts'
import { type MachineContext, withName } from './context.ts'
import { closedError, pushUncertain, sessionReplacedNotice } from './errors.ts'
import type { CallId, EmittedEvent, ParticipantCommand, TimedVerdict } from './events.ts'
import { dequeue, emptyQueue, enqueue, itemsOf } from './queue.ts'

type PushCommand = Extract<ParticipantCommand, { type: 'push' }>

/**
 * Handles one event of a participant: computes the next context and the events to emit. It implements all rules of a
 * participant; the chart selects which of them applies. Used for one event. Has no side effects outside, never throws.
 */
export class Transition {
  context: MachineContext
  /** The durable state, kept apart from the context, since most events change nothing else. */
  state: ParticipantState
  /** The members of the context that changed. */
  readonly changes: { -readonly [K in keyof MachineContext]?: MachineContext[K] } = {}
  readonly emitted: EmittedEvent[] = []

  constructor(context: MachineContext) {
    this.context = context
    this.state = context.state
  }

  /** Runs a command now. A push may leave the participant waiting for a verdict. */
  run(command: ParticipantCommand, base: Seq = baseOf(this.state)): void {
    const { state } = this
    const { limits } = this.context
    switch (command.type) {
      case 'append': {
        const { events, status, suffix, accepted, dropped } = append(state.draft, command.text, base, limits)
        return this.#finish(command.call, events as readonly Fact[], status, { suffix, accepted, dropped })
      }
      case 'undo': {
        const { events, status, suffix } = undo(state.draft)
        return this.#finish(command.call, events as readonly Fact[], status, { suffix })
      }
      case 'reset': {
        const { events, status, suffix } = reset(state.draft)
        return this.#finish(command.call, events as readonly Fact[], status, { suffix })
      }
      case 'preview':
        return this.preview(command.call)
      case 'check':
        return this.#check(command.call, command.at)
      case 'push':
        return this.#push(command, base)
    }
  }

  preview(call: CallId): void {
    const { draft } = this.state
    const segments = segmentsOf(draft).map(({ length, base }) => ({ length, base }))
    this.#answer(call, 1, { draft: textOf(draft), length: draft.length, segments, suffix: suffixOf(draft) })
  }

  /** Queues a command until the verdict, with the cursor of its call. */
  defer(command: ParticipantCommand): void {
    const base = baseOf(this.state)
    this.#set({ deferred: enqueue(this.context.deferred, { command, base }) })
  }

  reject(call: CallId, error = this.context.ended ?? closedError()): void {
    this.emitted.push({ type: 'rejected', call, error })
  }

  /** Takes in a message from the room. One that may be the echo of the current push waits for the verdict. */
  receive(message: Message): void {
    const { inbox, pushing, session } = this.state
    const { withheld, inboxLimit } = this.context
    const mayBeEcho =
      pushing && (withheld.length > 0 || unnumbered(message.sender_id) === unnumbered(session?.sender_id))
    if (!mayBeEcho || withheld.length >= inboxLimit) this.#accept(message)
    else if (!knows(inbox, message.seq)) this.#set({ withheld: [...withheld, message] })
  }

  #accept(message: Message): void {
    const { state } = this
    const { capabilities, inboxLimit } = this.context
    if (knows(state.inbox, message.seq)) return
    if (this.context.writing.has(message.sender_id)) this.setPresence(message.sender_id, true)
    const { inbox } = state
    const full = inbox.unseen.length + inbox.outOfOrder.length >= inboxLimit
    // The room's log is the queue: messages above the limit are requested again later.
    if (full && capabilities.resume) return this.#set({ overflowed: true })
    if (!capabilities.resume && message.seq > inbox.through + 1) this.markMissed(inbox.through + 1, message.seq - 1)
    if (full) this.markMissed(cursorOf(inbox) + 1, inbox.unseen[0]!.seq)
    this.#record({ type: 'arrived', message })
    this.#requestGap()
  }

  markMissed(from: Seq, to: Seq): void {
    const first = Math.max(from, cursorOf(this.state.inbox) + 1)
    if (first <= to) this.#record({ type: 'missed', from: first, to })
  }

  setPresence(sender_id: string, present: boolean, writing = false): void {
    const { context, state } = this
    const others = sender_id !== state.session?.sender_id
    this.#set({
      present: withName(context.present, sender_id, present),
      writing: withName(context.writing, sender_id, writing && others),
    })
    this.emitted.push({ type: 'presence.changed', sender_id, present, writing })
  }

  /** Notes whether a person silences the models. The room repeats it after a lost connection. */
  setHush(on: boolean): void {
    if (this.context.hushed === on) return
    this.#set({ hushed: on })
    this.emitted.push({ type: 'hush.changed', on })
  }

  setWatchers(watchers: number): void {
    this.#set({ watchers })
  }

  /** Forgets who is writing: after a lost connection the room tells it again. */
  forgetWriters(): void {
    for (const name of this.context.writing) this.setPresence(name, this.context.present.has(name))
  }

  /** Continues with the session that replaces a lost one. */
  replaceSession({ session, cursor, policy, resumed, observable, recorded }: OpenResult): void {
    const push = this.state.pushing && !resumed
    if (push) this.#receiveWithheld()
    this.#set({ observable: observable === true, recorded: recorded === true })
    this.#record({ type: 'joined', session, cursor, policy, resumed })
    if (!resumed) this.#set({ rejoinedAt: cursor })
    if (push) this.failPush(new MidsentenceError('unavailable', sessionReplacedNotice, { data: { unknown: true } }))
  }

  setLink(link: Link): void {
    this.#set({ link })
    this.emitted.push({ type: 'link.changed', link })
  }

  /** Counts a retry of the current push, whose outcome is unknown. */
  retryPush(): void {
    this.#set({ push: { ...this.context.push, retries: this.context.push.retries + 1 } })
  }

  /** Requests missing messages again, after the link came up. */
  resumeReading(): void {
    this.#set({ requestedAfter: undefined })
    this.#requestGap()
  }

  /** Ends the current push with its verdict. */
  settlePush({ verdict, at }: TimedVerdict): void {
    const { call } = this.context.push
    this.#set({ push: idlePush })
    if (verdict.sent) this.#sent(verdict, call)
    else this.#held(verdict, at, call)
    this.#resume()
  }

  /** Ends the current push with an error. The draft stays. */
  failPush(cause: unknown): void {
    const error = isMidsentenceError(cause)
      ? cause
      : new MidsentenceError('internal', 'The transport failed unexpectedly. Your draft is kept.', { cause })
    const { call } = this.context.push
    this.#set({ push: idlePush })
    this.#record({ type: 'refused', unknown: error.data.unknown === true })
    this.#receiveWithheld()
    if (call !== undefined) this.reject(call, error)
    this.#resume()
  }

  abandon(call: CallId): void {
    const { deferred, push, check } = this.context
    if (check === call) this.#set({ check: undefined })
    if (push.call === call) this.#set({ push: { ...push, call: undefined } })
    let remaining: MachineContext['deferred'] = emptyQueue
    for (const item of itemsOf(deferred)) if (item.command.call !== call) remaining = enqueue(remaining, item)
    this.#set({ deferred: remaining })
  }

  /** Answers a waiting check whose time-out is over: status 0, no messages. */
  expireCheck(call: CallId): void {
    if (this.context.check !== call) return
    this.#set({ check: undefined })
    this.#answer(call, 0, {}, false)
  }

  yieldFloor(): void {
    if (!this.context.floor) return
    this.#set({ floor: undefined })
    this.emitted.push({ type: 'floor.yielded' })
  }

  /** Closes the participant: rejects a waiting push and deferred commands, answers a waiting check with status 0. */
  end(error: MidsentenceError): void {
    const { state } = this
    const { push, check, deferred, ended } = this.context
    if (ended) return
    this.#set({ ended: error, push: idlePush, check: undefined, deferred: emptyQueue })
    if (push.call !== undefined) this.reject(push.call, pushUncertain(error))
    if (check !== undefined) this.#answer(check, 0, {}, false)
    // Not after a failed journal, which takes no more facts and whose session may be resumed.
    if (state.session && error.code === 'session-unknown') this.#record({ type: 'left' })
    for (const { command } of itemsOf(deferred)) this.reject(command.call)
  }

  /** Answers a waiting check if there is something to tell. Called last, since every event may have brought it. */
  answerCheck(): void {
    const { check } = this.context
    if (check === undefined) return
    const status = this.#checkStatus()
    if (status === undefined) return
    this.#set({ check: undefined })
    this.#answer(check, status, {})
  }

  #set(change: Partial<MachineContext>): void {
    this.context = { ...this.context, ...change }
    Object.assign(this.changes, change)
  }

  #record(fact: Fact): void {
    this.state = evolveParticipant(this.state, fact)
    this.changes.state = this.state
    this.emitted.push(fact)
  }

  #finish(call: CallId, facts: readonly Fact[], status: 0 | 1 | 2, rest: object): void {
    for (const fact of facts) this.#record(fact)
    this.#answer(call, status, rest)
  }

  #answer(call: CallId, status: 0 | 1 | 2, rest: object, withMessages = true): void {
    const page =
      withMessages && this.#hasNews() ? this.#takePage() : { messages: none, cursor: cursorOf(this.state.inbox) }
    this.emitted.push({ type: 'answered', call, answer: { status, ...rest, ...page } as ActionAnswer })
  }

  /** Takes in what waited for the verdict of a push. The message of a sent push is known by then. */
  #receiveWithheld(): void {
    const { withheld } = this.context
    if (withheld.length === 0) return
    this.#set({ withheld: [] })
    for (const message of withheld) this.#accept(message)
  }

  /** The status of a check that need not wait: 1 with messages, 0 with missed seqs alone. Undefined: it waits. */
  #checkStatus(): 0 | 1 | undefined {
    const { earlier, unseen, missed } = this.state.inbox
    if (earlier.length > 0 || unseen.length > 0) return 1
    return missed ? 0 : undefined
  }

  #hasNews(): boolean {
    const { inbox } = this.state
    return (
      hasUnreported(inbox) || inbox.unseen.length > 0 || inbox.rejoined !== undefined || inbox.renamed !== undefined
    )
  }

  /** Takes a page of messages, missed seqs and a replaced session out of the inbox, for an answer. */
  #takePage(): Omit<AnswerBase, 'status'> {
    const { earlier, unseen, missed, rejoined, renamed } = this.state.inbox
    const all = earlier.length === 0 ? unseen : [...earlier, ...unseen]
    const count = pageSize(all)
    const messages = all.slice(0, count)
    const history = historyOf(this.state, messages)
    const fromBefore = Math.min(count, earlier.length)
    const through = (count > fromBefore && messages.at(-1)?.seq) || cursorOf(this.state.inbox)
    this.#record({ type: 'given', through, ...(fromBefore > 0 && { earlier: fromBefore }) })
    this.#requestGap()
    return {
      messages,
      cursor: cursorOf(this.state.inbox),
      ...(history > 0 && { history }),
      ...(count < all.length && { more: true as const }),
      ...(missed && { missed }),
      ...(rejoined && { rejoined }),
      ...(renamed !== undefined && { renamed }),
    }
  }

  /** Requests, once, the messages missing before an out-of-order message or dropped at the limit. */
  #requestGap(): void {
    const { state } = this
    const { capabilities, requestedAfter, overflowed, inboxLimit } = this.context
    const { through, outOfOrder, unseen } = state.inbox
    const incomplete = outOfOrder.length > 0 || (overflowed && unseen.length < inboxLimit)
    if (!capabilities.resume || !incomplete || requestedAfter === through) return
    this.#set({ requestedAfter: through, overflowed: false })
    this.emitted.push({ type: 'gap.found', after: through })
  }

  #check(call: CallId, at: number): void {
    const { state } = this
    const { check, floor } = this.context
    if (check !== undefined) this.#answer(check, 0, {}, false)
    this.#set({ check: undefined })
    if (!state.draft.head) this.yieldFloor()
    const ownFloor =
      floor && state.draft.head && floor.until > at ? { floor: { name: floor.name, for_ms: floor.until - at } } : {}
    const status = this.#checkStatus()
    if (status !== undefined) this.#answer(call, status, ownFloor)
    // A check of the floor's holder does not wait, since others wait for the holder.
    else if (floor && floor.until > at) this.#answer(call, 0, ownFloor)
    else this.#set({ check: call })
  }

  #push(push: PushCommand, known: Seq): void {
    const { state } = this
    const { capabilities } = this.context
    const { type: _, call, base: read = known, ...rest } = push
    const base = Math.max(Math.min(read, known), state.head)
    if (!state.draft.head) {
      return this.reject(
        call,
        new MidsentenceError('no-draft', 'There is nothing to send yet: append something first.'),
      )
    }
    const newest = state.inbox.unseen.at(-1)?.seq ?? (base < known ? known : 0)
    // The room cannot judge by what was received, or lost, before its session began, nor by a cursor from before. What was
    // said before the first join holds nothing.
    const { earlier, missed } = state.inbox
    const isUnreported = earlier.length > 0 || (missed !== undefined && missed.to > state.head)
    const isFromBefore = isUnreported || base < this.context.rejoinedAt
    if (isFromBefore && state.policy === 'hold') return this.#holdLocally(call, Math.max(newest, state.inbox.through))
    if (!capabilities.conditional && this.#holdsLocally(base, newest)) return this.#holdLocally(call, newest)
    this.#set({ push: { call, retries: 0 } })
    this.#record({ type: 'pushing', base, ...rest })
  }

  /** Whether to hold in place of a room that cannot: at most `holds_for_floor` times in a row, then the push is sent. */
  #holdsLocally(base: Seq, newest: Seq): boolean {
    const { holdStreak, policy } = this.state
    return policy === 'hold' && newest > base && holdStreak.count < defaultRoomSettings.holds_for_floor
  }

  #holdLocally(call: CallId, newest: Seq): void {
    const { earlier, unseen } = this.state.inbox
    this.#hold(newest, pageSize([...earlier, ...unseen]) < earlier.length + unseen.length)
    this.#answerHeld(call, {})
  }

  #hold(newest: Seq, more: boolean): void {
    this.#record({ type: 'held', newest, more })
  }

  #answerHeld(call: CallId, floor: object): void {
    const { draft } = this.state
    this.#answer(call, 0, { held: true, suffix: suffixOf(draft), segments: draft.segments, ...floor })
  }

  #sent(verdict: Extract<Verdict, { sent: true }>, call: CallId | undefined): void {
    const { sent: _, ...receipt } = verdict
    this.#record({ type: 'pushed', ...receipt })
    this.#set({ floor: undefined })
    this.#receiveWithheld()
    this.#requestGap()
    if (call !== undefined) this.#answer(call, 1, receipt)
  }

  #held(verdict: Extract<Verdict, { sent: false }>, at: number, call: CallId | undefined): void {
    this.#receiveWithheld()
    for (const message of verdict.messages) this.#accept(message)
    const { state } = this
    const newest = state.inbox.unseen.at(-1)?.seq ?? 0
    this.#hold(newest, false)
    if (verdict.floor && verdict.floor.name === state.session?.sender_id) {
      this.#set({ floor: { name: verdict.floor.name, until: at + verdict.floor.for_ms } })
    }
    if (call !== undefined) this.#answerHeld(call, verdict.floor ? { floor: verdict.floor } : {})
  }

  /** Runs the deferred commands, up to the next push. */
  #resume(): void {
    while (!this.state.pushing) {
      const next = dequeue(this.context.deferred)
      if (!next) return
      this.#set({ deferred: next.rest })
      this.run(next.item.command, next.item.base)
    }
  }
}

const none: readonly Message[] = []
const idlePush: MachineContext['push'] = { call: undefined, retries: 0 }

/** A push may have been sent under the name before a new one, as `Ada` before `Ada-2`. */
const unnumbered = (name = ''): string => name.replace(/-\d+$/, '')
