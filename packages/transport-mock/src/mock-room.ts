import {
  type Clock,
  crossedBetween,
  decideRoom,
  defaultLimits,
  defaultPolicy,
  defaultRoomSettings,
  emptyRoom,
  evolveRoom,
  type Floor,
  isMidsentenceError,
  type Message,
  MidsentenceError,
  memoryLog,
  nextMoment,
  type Policy,
  type PublishRequest,
  pageSize,
  type RoomCommand,
  type RoomFact,
  type RoomLog,
  type RoomSettings,
  type RoomState,
  type Seq,
  type Session,
  systemClock,
  type Verdict,
} from '@midsentence/core'
import type { Member, RoomSide } from './member.ts'
import { type MockPeer, mockPeer, type PeerOptions } from './mock-peer.ts'

export interface MockRoomOptions {
  /** Default `lobby`. */
  readonly room?: string
  readonly clock?: Clock
  readonly policy?: Policy
  readonly log?: RoomLog
  /** How long a frame travels, in milliseconds. Default 0: it arrives with the next timer. */
  readonly latency?: number
}

interface Seat extends Member {
  send: Parameters<Member['listen']>[0]
  readonly answers: Map<string, Verdict | MidsentenceError>
  readonly asking: Map<string, ((answer: Verdict | MidsentenceError) => void)[]>
  pushes: number
}

/**
 * A room in this process that applies the room's rules for real: one log, holds judged where it is written, the
 * floor, keys. Its peers are transports; what travels between them and the room can be dropped, duplicated, delayed,
 * reordered and cut by a script, on a virtual clock as on the real one.
 */
export class MockRoom implements RoomSide {
  readonly name: string
  readonly clock: Clock
  readonly log: RoomLog
  readonly settings: RoomSettings
  readonly latency: number
  readonly #policy: Policy
  readonly #messages: Message[] = []
  readonly #authors: string[] = []
  readonly #seats = new Map<string, Seat>()
  readonly #requests = new Map<string, PublishRequest>()
  #state: RoomState = emptyRoom
  #cancel: (() => void) | undefined
  #sessions = 0
  /** The room's last timestamp: the wall clock may go back, timestamps do not. */
  #time = 0

  constructor(options: MockRoomOptions) {
    this.name = options.room ?? 'lobby'
    this.clock = options.clock ?? systemClock()
    this.log = options.log ?? memoryLog()
    this.latency = options.latency ?? 0
    this.#policy = options.policy ?? defaultPolicy
    this.settings = { ...defaultRoomSettings, ...this.#policy.room(this.name) }
  }

  /** A transport for one participant, with a line of its own to play faults on. */
  peer(options: PeerOptions = {}): MockPeer {
    return mockPeer(this, options)
  }

  /** All messages so far, in the room's order. */
  get messages(): readonly Message[] {
    return this.#messages
  }

  /** The room's rules as they stand: floor, rows, who waits. */
  get state(): RoomState {
    return this.#state
  }

  /** A session for `username`: the one it had, or a new one. */
  join(username: string, resume: Session | undefined): { readonly member: Member; readonly resumed: boolean } {
    const before = resume && this.#seats.get(resume.session_id)
    if (before && before.session.token === resume.token) return { member: before, resumed: true }
    if ([...this.#seats.values()].some(({ session }) => session.sender_id.toLowerCase() === username.toLowerCase())) {
      throw new MidsentenceError('name-taken', `The name ${username} is taken in ${this.name}: choose another.`)
    }
    const seat = this.#seat(username)
    this.#seats.set(seat.session.session_id, seat)
    this.#announce(seat, true)
    return { member: seat, resumed: false }
  }

  #seat(sender_id: string): Seat {
    const session_id = `session-${++this.#sessions}`
    const session = { session_id, token: crypto.randomUUID(), room: this.name, sender_id, log: this.log.id }
    const room = this
    const seat: Seat = {
      session,
      send: undefined,
      answers: new Map(),
      asking: new Map(),
      pushes: 0,
      get head() {
        return room.#messages.length
      },
      publish: (request, answer) => {
        void this.#publish(seat, request, answer)
      },
      replay: after => {
        for (const message of this.#messages.slice(after)) seat.send?.({ type: 'message', message })
      },
      yield: () => this.#decide({ type: 'yield', session: session_id }),
      leave: () => this.#leave(seat),
      listen: send => {
        seat.send = send
        for (const { session } of this.#seats.values()) {
          send?.({ type: 'presence', sender_id: session.sender_id, present: true })
        }
      },
    }
    return seat
  }

  #leave(seat: Seat): void {
    if (!this.#seats.delete(seat.session.session_id)) return
    const gone = new MidsentenceError('session-unknown', 'This session has left the room. Join again to go on.')
    for (const key of [...seat.asking.keys()]) this.#conclude(seat, key, gone)
    this.#decide({ type: 'leave', session: seat.session.session_id })
    this.#announce(seat, false)
  }

  #announce(seat: Seat, present: boolean): void {
    for (const other of this.#seats.values()) {
      other.send?.({ type: 'presence', sender_id: seat.session.sender_id, present })
    }
  }

  /** Judged in this order: limits, content policy, then waiting and judgement; a known key gets its first answer. */
  async #publish(
    seat: Seat,
    request: PublishRequest,
    answer: (frame: Verdict | MidsentenceError) => void,
  ): Promise<void> {
    const { key } = request
    const first = seat.answers.get(key)
    if (first) return answer(first)
    const asking = seat.asking.get(key)
    if (asking) return void asking.push(answer)
    seat.asking.set(key, [answer])
    const refusal = await this.#refusal(seat, request)
    if (!seat.asking.has(key)) return
    if (refusal) return this.#conclude(seat, key, refusal)
    const { session_id: session, sender_id: name } = seat.session
    const push = `${session} ${key}`
    this.#requests.set(push, request)
    const wait = request.timeout_ms === undefined ? {} : { timeout_ms: request.timeout_ms }
    this.#decide({ type: 'publish', push, session, name, base: request.base, ...wait })
  }

  async #refusal(seat: Seat, { content, base }: PublishRequest): Promise<MidsentenceError | undefined> {
    if (base > this.#messages.length) {
      return new MidsentenceError('invalid-params', `The base ${base} lies beyond what this session was given.`)
    }
    const limits = { ...defaultLimits, ...this.#policy.limits(this.name) }
    if (content.length > 2 * limits.draft) return new MidsentenceError('invalid-params', 'The message is too long.')
    if (!this.#policy.content) return undefined
    try {
      const verdict = await this.#policy.content(content, seat.session.sender_id, this.name)
      if (verdict.allowed) return undefined
      const { reason } = verdict
      return new MidsentenceError('content-policy', `This may not be said here: ${reason}. Your draft is kept.`, {
        data: { reason },
      })
    } catch (cause) {
      return isMidsentenceError(cause)
        ? cause
        : new MidsentenceError('internal', 'The content policy failed. Nothing was sent; your draft is kept.', {
            cause,
          })
    }
  }

  /** Judges and writes in one go: nothing else comes in between. */
  #decide(command: RoomCommand): void {
    const facts = decideRoom(this.#state, command, {
      now: this.clock.monotonic(),
      settings: this.settings,
      overflows: (session, base) => {
        const unseen = this.#unseen(session, base)
        return pageSize(unseen) < unseen.length
      },
    })
    for (const fact of facts) {
      this.#state = evolveRoom(this.#state, fact)
      this.#carryOut(fact)
    }
    this.#cancel?.()
    const moment = nextMoment(this.#state)
    const wait = moment === undefined ? 0 : moment - this.clock.monotonic()
    this.#cancel = moment === undefined ? undefined : this.clock.after(wait, () => this.#decide({ type: 'tick' }))
  }

  #carryOut(fact: RoomFact): void {
    if (fact.type === 'sent') return this.#write(fact)
    if (fact.type !== 'held' && fact.type !== 'timed-out') return
    const seat = this.#seats.get(fact.session)
    const request = this.#take(fact.push)
    if (!seat || !request) return
    const messages = this.#unseen(fact.session, request.base)
    const floor = this.#floor(fact.session, fact.type === 'timed-out')
    const verdict: Verdict = { sent: false, messages: messages.slice(0, pageSize(messages)), ...floor }
    this.#conclude(seat, request.key, verdict)
  }

  /** Appends a judged message: this log is in memory, and the order of these calls is the room's order. */
  #write(fact: Extract<RoomFact, { type: 'sent' }>): void {
    const { session, seq, base } = fact
    const seat = this.#seats.get(session)!
    const request = this.#take(fact.push)!
    const others: Seq[] = []
    for (let at = seq - 1; at > base; at--) if (this.#authors[at - 1] !== session) others.unshift(at)
    this.#time = Math.max(this.#time, this.clock.now())
    const { content, key, meta } = request
    const message: Message = {
      message_id: `${this.log.id.slice(0, 8)}-${seq}`,
      sender_id: seat.session.sender_id,
      content,
      timestamp: new Date(this.#time).toISOString(),
      seq,
      base,
      ...crossedBetween(others, base, seq),
      ...(meta && { meta }),
    }
    void this.log.append(this.name, [{ type: 'message', message, session, push: ++seat.pushes, key }], String(seq - 1))
    this.#messages.push(message)
    this.#authors.push(session)
    for (const reader of this.#seats.values()) reader.send?.({ type: 'message', message })
    const { message_id, timestamp, crossed, crossed_more } = message
    this.#conclude(seat, key, {
      sent: true,
      message_id,
      timestamp,
      seq,
      durability: 'memory',
      ...(crossed && { crossed }),
      ...(crossed_more && { crossed_more }),
    })
  }

  #take(push: string): PublishRequest | undefined {
    const request = this.#requests.get(push)
    this.#requests.delete(push)
    return request
  }

  #conclude(seat: Seat, key: string, answer: Verdict | MidsentenceError): void {
    const asking = seat.asking.get(key) ?? []
    seat.asking.delete(key)
    seat.answers.set(key, answer)
    if (seat.answers.size > 1000) seat.answers.delete(seat.answers.keys().next().value!)
    for (const tell of asking) tell(answer)
  }

  #unseen(session: string, base: Seq): Message[] {
    return this.#messages.slice(base).filter(message => this.#authors[message.seq - 1] !== session)
  }

  /** One's own floor, or the one that was waited for in vain. */
  #floor(session: string, others: boolean): { readonly floor?: Floor } {
    const { floor } = this.#state
    if (!floor || (floor.session !== session && !others)) return {}
    return { floor: { name: floor.name, for_ms: floor.until - this.clock.monotonic() } }
  }
}

/** A room in this process; its peers are transports. */
export const mockRoom = (options: MockRoomOptions = {}): MockRoom => new MockRoom(options)
