import { append, reset, undo } from '../draft/decide.ts'
import { segmentsOf, textOf } from '../draft/evolve.ts'
import { suffixOf } from '../draft/suffix.ts'
import { isMidsentenceError, MidsentenceError } from '../errors.ts'
import { evolveParticipant, type ParticipantState } from '../participant/evolve.ts'
import type { Fact } from '../participant/facts.ts'
import { cursorOf, knows } from '../participant/inbox.ts'
import type { Link, OpenResult, Verdict } from '../ports/transport.ts'
import type { Message, Seq } from '../room/message.ts'
import { pageSize } from '../room/page.ts'
import { defaultRoomSettings } from '../room/settings.ts'
import type { Answer, AnswerBase } from './answers.ts'
import type { MachineContext } from './context.ts'
import type { Call, Command, EmittedEvent, TimedVerdict } from './events.ts'
import { dequeue, emptyQueue, enqueue, itemsOf } from './queue.ts'

type Push = Extract<Command, { type: 'push' }>

/**
 * One event's way through a participant: from the context before, to the context after and what is said on the way.
 * All rules of a participant are here, and in the folds it calls; the chart around it says which of them apply when.
 * Pure but for its own two fields, lives for one event, never throws.
 */
export class Transition {
  context: MachineContext
  /** The durable state, apart from the context while the turn lasts: most turns change nothing else. */
  state: ParticipantState
  /** What became different: all that is written back. */
  readonly changes: { -readonly [K in keyof MachineContext]?: MachineContext[K] } = {}
  readonly emitted: EmittedEvent[] = []

  constructor(context: MachineContext) {
    this.context = context
    this.state = context.state
  }

  /** Does a command now. A push may leave the participant waiting for a verdict. */
  run(command: Command, base: Seq = cursorOf(this.state.inbox)): void {
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

  preview(call: Call): void {
    const { draft } = this.state
    const segments = segmentsOf(draft).map(({ length, base }) => ({ length, base }))
    this.#answer(call, 1, { draft: textOf(draft), length: draft.length, segments, suffix: suffixOf(draft) })
  }

  /** Keeps a command for after the verdict, with what its author knew when it called. */
  defer(command: Command): void {
    const base = cursorOf(this.state.inbox)
    this.#set({ deferred: enqueue(this.context.deferred, { command, base }) })
  }

  reject(call: Call, error = this.context.ended ?? closedError()): void {
    this.emitted.push({ type: 'rejected', call, error })
  }

  /** A message came in. */
  receive(message: Message): void {
    const { state } = this
    const { capabilities, inboxLimit } = this.context
    if (knows(state.inbox, message.seq)) return
    const { inbox } = state
    const full = inbox.unseen.length + inbox.outOfOrder.length >= inboxLimit
    // The room's log is the queue: what does not fit here is asked for again once there is room.
    if (full && capabilities.resume) return this.#set({ overflowed: true })
    if (!capabilities.resume && message.seq > inbox.through + 1) this.markMissed(inbox.through + 1, message.seq - 1)
    if (full) this.markMissed(cursorOf(inbox) + 1, inbox.unseen[0]!.seq)
    this.#record({ type: 'arrived', message })
    this.#lookForGap()
  }

  markMissed(from: Seq, to: Seq): void {
    const first = Math.max(from, cursorOf(this.state.inbox) + 1)
    if (first <= to) this.#record({ type: 'missed', from: first, to })
  }

  setPresence(sender_id: string, present: boolean): void {
    const names = new Set(this.context.present)
    if (present) names.add(sender_id)
    else names.delete(sender_id)
    this.#set({ present: names })
    this.emitted.push({ type: 'presence.changed', sender_id, present })
  }

  /** The room was started anew, and this participant with it. */
  replaceSession({ session, cursor, policy, resumed }: OpenResult): void {
    const push = this.state.pushing && !resumed
    this.#record({ type: 'joined', session, cursor, policy, resumed })
    if (push) this.failPush(new MidsentenceError('unavailable', sessionReplacedNotice, { data: { unknown: true } }))
  }

  setLink(link: Link): void {
    this.#set({ link })
    this.emitted.push({ type: 'link.changed', link })
  }

  /** Not known whether the push arrived: it will be asked again. */
  retryPush(): void {
    this.#set({ push: { ...this.context.push, asked: this.context.push.asked + 1 } })
  }

  /** The line is up again: what is still missing is asked for again. */
  resumeReading(): void {
    this.#set({ requestedAfter: undefined })
    this.#lookForGap()
  }

  /** The room has judged the push under way. */
  settlePush({ verdict, at }: TimedVerdict): void {
    const { call } = this.context.push
    this.#set({ push: idlePush })
    if (verdict.sent) this.#sent(verdict, call)
    else this.#held(verdict, at, call)
    this.#resume()
  }

  /** The push under way ended with an error: the draft stays. */
  failPush(cause: unknown): void {
    const error = isMidsentenceError(cause)
      ? cause
      : new MidsentenceError('internal', 'The transport failed in a way it should not. Your draft is kept.', { cause })
    const { call } = this.context.push
    this.#set({ push: idlePush })
    this.#record({ type: 'refused', unknown: error.data.unknown === true })
    if (call !== undefined) this.reject(call, error)
    this.#resume()
  }

  abandon(call: Call): void {
    const { deferred, push, check } = this.context
    if (check === call) this.#set({ check: undefined })
    if (push.call === call) this.#set({ push: { ...push, call: undefined } })
    let kept: MachineContext['deferred'] = emptyQueue
    for (const item of itemsOf(deferred)) if (item.command.call !== call) kept = enqueue(kept, item)
    this.#set({ deferred: kept })
  }

  /** A waiting check has waited enough: 0, a success without messages. */
  expireCheck(call: Call): void {
    if (this.context.check !== call) return
    this.#set({ check: undefined })
    this.#answer(call, 0, {}, false)
  }

  yieldFloor(): void {
    if (!this.context.floor) return
    this.#set({ floor: undefined })
    this.emitted.push({ type: 'floor.yielded' })
  }

  /** Ends it: a waiting push is refused, a waiting check gets 0, what waits behind them is refused too. */
  end(error: MidsentenceError): void {
    const { state } = this
    const { push, check, deferred, ended } = this.context
    if (ended) return
    // A journal that failed is told nothing more; otherwise the session is over, and the next one begins anew.
    if (state.session && error.code === 'session-unknown') this.#record({ type: 'left' })
    this.#set({ ended: error, push: idlePush, check: undefined, deferred: emptyQueue })
    if (push.call !== undefined) this.reject(push.call)
    if (check !== undefined) this.#answer(check, 0, {}, false)
    for (const { command } of itemsOf(deferred)) this.reject(command.call)
  }

  /** Gives a waiting check what there is. Called last, since anything may have brought a message. */
  answerCheck(): void {
    const { check } = this.context
    if (check === undefined || this.#givable().length === 0) return
    this.#set({ check: undefined })
    this.#answer(check, 1, {})
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

  #finish(call: Call, facts: readonly Fact[], status: 0 | 1 | 2, rest: object): void {
    for (const fact of facts) this.#record(fact)
    this.#answer(call, status, rest)
  }

  #answer(call: Call, status: 0 | 1 | 2, rest: object, withNews = true): void {
    const news = withNews && this.#hasNews() ? this.#news() : { messages: none, cursor: cursorOf(this.state.inbox) }
    this.emitted.push({ type: 'answered', call, answer: { status, ...rest, ...news } as Answer })
  }

  /**
   * What may be given now. While a push is under way a message under one's own name may be its echo, come before its
   * verdict: it and what follows wait.
   */
  #givable(): readonly Message[] {
    const { unseen } = this.state.inbox
    if (!this.state.pushing) return unseen
    const doubt = unseen.findIndex(message => message.sender_id === this.state.session?.sender_id)
    return doubt < 0 ? unseen : unseen.slice(0, doubt)
  }

  #hasNews(): boolean {
    const { inbox, pushing } = this.state
    if (inbox.missed || inbox.rejoined) return true
    return inbox.unseen.length > 0 && (!pushing || this.#givable().length > 0)
  }

  /** Gives a page of messages and whatever else there is to tell. */
  #news(): Omit<AnswerBase, 'status'> {
    const { missed, rejoined } = this.state.inbox
    const givable = this.#givable()
    const count = pageSize(givable)
    const messages = givable.slice(0, count)
    this.#record({ type: 'given', through: messages.at(-1)?.seq ?? cursorOf(this.state.inbox) })
    this.#lookForGap()
    return {
      messages,
      cursor: cursorOf(this.state.inbox),
      ...(count < givable.length && { more: true as const }),
      ...(missed && { missed }),
      ...(rejoined && { rejoined: true as const }),
    }
  }

  /** Asks, once, for what lies between the last known message and one that came too early or did not fit. */
  #lookForGap(): void {
    const { state } = this
    const { capabilities, requestedAfter, overflowed, inboxLimit } = this.context
    const { through, outOfOrder, unseen } = state.inbox
    const lacks = outOfOrder.length > 0 || (overflowed && unseen.length < inboxLimit)
    if (!capabilities.resume || !lacks || requestedAfter === through) return
    this.#set({ requestedAfter: through, overflowed: false })
    this.emitted.push({ type: 'gap.found', after: through })
  }

  #check(call: Call, at: number): void {
    const { state } = this
    const { check, floor } = this.context
    if (check !== undefined) this.#answer(check, 0, {}, false)
    this.#set({ check: undefined })
    if (!state.draft.head) this.yieldFloor()
    const own =
      floor && state.draft.head && floor.until > at ? { floor: { name: floor.name, for_ms: floor.until - at } } : {}
    if (this.#givable().length > 0) this.#answer(call, 1, own)
    // Whoever has the floor keeps others waiting, so its check does not wait.
    else if (floor && floor.until > at) this.#answer(call, 0, own)
    else this.#set({ check: call })
  }

  #push(push: Push, known: Seq): void {
    const { state } = this
    const { capabilities } = this.context
    const { type: _, call, base: read = known, ...how } = push
    const base = Math.min(read, known)
    if (!state.draft.head) {
      return this.reject(
        call,
        new MidsentenceError('no-draft', 'There is nothing to send yet: append something first.'),
      )
    }
    const newest = state.inbox.unseen.at(-1)?.seq ?? (base < known ? known : 0)
    if (!capabilities.conditional && this.#holdsItself(base, newest)) return this.#holdHere(call, newest)
    this.#set({ push: { call, asked: 0 } })
    this.#record({ type: 'pushing', base, ...how })
  }

  /** Where the room cannot hold, a participant does so by what it has, at most so often in a row, then sends. */
  #holdsItself(base: Seq, newest: Seq): boolean {
    const { holdStreak, policy } = this.state
    return policy === 'hold' && newest > base && holdStreak.count < defaultRoomSettings.holds_for_floor
  }

  #holdHere(call: Call, newest: Seq): void {
    const { unseen } = this.state.inbox
    this.#hold(newest, pageSize(unseen) < unseen.length)
    this.#answerHeld(call, {})
  }

  #hold(newest: Seq, more: boolean): void {
    this.#record({ type: 'held', newest, more })
  }

  #answerHeld(call: Call, floor: object): void {
    const { draft } = this.state
    this.#answer(call, 0, { held: true, suffix: suffixOf(draft), segments: draft.segments, ...floor })
  }

  #sent(verdict: Extract<Verdict, { sent: true }>, call: Call | undefined): void {
    const { sent: _, ...receipt } = verdict
    this.#record({ type: 'pushed', ...receipt })
    this.#set({ floor: undefined })
    this.#lookForGap()
    if (call !== undefined) this.#answer(call, 1, receipt)
  }

  #held(verdict: Extract<Verdict, { sent: false }>, at: number, call: Call | undefined): void {
    for (const message of verdict.messages) this.receive(message)
    const { state } = this
    const newest = state.inbox.unseen.at(-1)?.seq ?? 0
    this.#hold(newest, false)
    if (verdict.floor && verdict.floor.name === state.session?.sender_id) {
      this.#set({ floor: { name: verdict.floor.name, until: at + verdict.floor.for_ms } })
    }
    if (call !== undefined) this.#answerHeld(call, verdict.floor ? { floor: verdict.floor } : {})
  }

  /** Does what waited behind the push, up to the next one that has to wait itself. */
  #resume(): void {
    while (!this.state.pushing) {
      const next = dequeue(this.context.deferred)
      if (!next) return
      this.#set({ deferred: next.rest })
      this.run(next.item.command, next.item.base)
    }
  }
}

const sessionReplacedNotice =
  'The room was started anew before it had answered. It is not certain whether your message was sent. Your draft is kept.'
const none: readonly Message[] = []
const idlePush: MachineContext['push'] = { call: undefined, asked: 0 }

export const closedError = () =>
  new MidsentenceError('session-unknown', 'This participant has left the room. Join again to go on.')
