import type { Subscription } from 'rxjs'
import type { DraftLimits } from '../draft/decide.ts'
import { defaultLimits } from '../draft/decide.ts'
import { isMidsentenceError, MidsentenceError } from '../errors.ts'
import { systemClock } from '../memory/system-clock.ts'
import { evolveParticipant, type ParticipantState, replay } from '../participant/evolve.ts'
import { checkFacts, type Fact } from '../participant/facts.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import type { OpenRequest, Since, Support, Transport } from '../ports/transport.ts'
import type { Seq } from '../room/message.ts'
import { quotedName } from '../room/names.ts'
import { PAGE_MESSAGES } from '../room/page.ts'
import { JournalWriter } from './journal-writer.ts'
import { MessageFeed } from './message-feed.ts'
import { type Inspect, Participant } from './participant.ts'

/** Options of `join`. */
export interface JoinOptions {
  /** The connection to the room: a new transport for each `join`. */
  readonly transport: Transport
  /** The name in the room: 1 to 64 characters, without a colon. */
  readonly username: string
  /** Default `lobby`. */
  readonly room?: string
  /** Stores the draft and what was given, so that the participant continues after a crash. Default: none. */
  readonly journal?: Journal
  /**
   * Where reading begins, in a room that shows its history: after a seq, or with the last `last` messages; without history
   * there are none. What was said before the join counts as read. For a participant that comes back, `messages$` begins
   * there, and answers give only what is new.
   */
  readonly since?: Since
  /** Its abort ends the join, or leaves the room. */
  readonly signal?: AbortSignal
  /** Receives the inspection events of the participant's XState actor. */
  readonly inspect?: Inspect
  /** A password or signed token, if the server requires one. Never stored. */
  readonly credential?: string
  /** Whether a person writes, not a model: the loop guard counts from messages of people. Default false. */
  readonly person?: boolean
  /** Whether others see when it writes: one bit, no text. Default true. */
  readonly typing_indicator?: boolean
  /** Default `systemClock()`. */
  readonly clock?: Clock
  /** Draft limits that differ from `defaultLimits`. */
  readonly limits?: Partial<DraftLimits>
  /** Maximum number of unseen messages in memory. Default 10,000. */
  readonly inboxLimit?: number
  /** Creates a random idempotency key. Default: 128 random bits; simulations pass their own. */
  readonly newKey?: () => string
}

/**
 * Joins a room and resolves once connected. With a journal it continues where the journal ends, with its draft. Rejects
 * with the error of the transport (`name-taken`, `room-unavailable`, `unavailable`, …), with `invalid-params` for a journal
 * of another name or room, with `internal` for a journal that cannot be read or written, and with the reason of `signal`.
 *
 * @example
 * const ada = await join({ transport, username: 'Ada', room: 'lobby' })
 * await ada.append('Good morning')
 * const answer = await ada.push()
 */
export async function join(options: JoinOptions): Promise<Participant> {
  const { transport, username, room = 'lobby', journal, since, signal, clock = systemClock() } = options
  if (typeof username !== 'string' || username === '') throw new TypeError('join needs a username.')
  const facts = journal ? checkFacts(await journal.read()) : []
  signal?.throwIfAborted()
  const before = replay(facts)
  const session = before.session
  if (session && (session.room !== room || !isNameOf(before, username))) {
    throw new MidsentenceError(
      'invalid-params',
      `This journal belongs to ${quotedName(session.sender_id)} in ${session.room}, not to ${quotedName(username)} in ${room}`,
      { remedy: 'use another journal' },
    )
  }

  const isSupported = (support: Support) => support === true
  const { conditional, resume, keys } = transport.supports
  const { through } = before.inbox
  const request: OpenRequest = {
    room,
    username,
    ...(session && { resume: { session, after: since === undefined ? through : startBefore(through, since) } }),
    ...(since !== undefined && { since }),
    secret: session?.secret ?? randomHex(32),
    ...(options.credential !== undefined && { credential: options.credential }),
    ...(options.person && { person: true }),
    ...(options.typing_indicator === false && { typing_indicator: false }),
  }
  const opened = await untilAborted(transport.open(request), signal).catch(async error => {
    const closed = transport.close()
    // A caller that gave up does not wait until the name is free.
    if (!signal?.aborted) await closed
    throw error
  })
  const joined: Fact = {
    type: 'joined',
    session: opened.session,
    cursor: opened.cursor,
    policy: opened.policy,
    resumed: opened.resumed,
    ...(opened.head !== undefined && { head: opened.head }),
    ...(opened.session.sender_id !== username && { joined_as: username }),
  }
  const state = evolveParticipant(before, joined)
  const feed = new MessageFeed({
    log: opened.session.log,
    after: state.inbox.through,
    mayBeginEarlier: opened.resumed && since !== undefined,
    resumes: isSupported(resume),
  })
  const { earlier, unseen } = state.inbox
  if (since === undefined) for (const message of [...earlier, ...unseen]) feed.replay(message)
  const participant = new Participant({
    transport,
    clock,
    typingIndicator: options.typing_indicator !== false,
    input: {
      state,
      observable: opened.observable === true,
      recorded: opened.recorded === true,
      capabilities: { conditional: isSupported(conditional), resume: isSupported(resume), keys: isSupported(keys) },
      limits: { ...defaultLimits, ...options.limits },
      ...(options.inboxLimit !== undefined && { inboxLimit: options.inboxLimit }),
    },
    feed,
    inspect: options.inspect,
    newKey: options.newKey ?? (() => randomHex(16)),
    journalWriter: failed => new JournalWriter(journal, facts.length, failed),
  })
  try {
    await journal?.append([joined])
  } catch (cause) {
    await transport.close()
    if (isMidsentenceError(cause)) throw cause
    throw new MidsentenceError('internal', 'The journal cannot be written', {
      cause,
      remedy: 'check its file and join again',
    })
  }
  if (signal?.aborted) {
    void transport.close()
    throw signal.reason
  }
  participant.start(signal)
  if (opened.head !== undefined && !opened.resumed) await firstPage(participant, opened.head, clock)
  signal?.throwIfAborted()
  return participant
}

/** Whether `username` is the name of a participant, or the one that it joined as, in any form of NFKC. */
function isNameOf({ session, joined_as = session?.sender_id }: ParticipantState, username: string): boolean {
  const name = username.normalize('NFKC')
  return [session?.sender_id, joined_as].some(own => own?.normalize('NFKC') === name)
}

/** Returns random bytes as hex. `crypto.randomUUID` is missing in pages that did not come over HTTPS. */
const randomHex = (bytes: number) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), byte => byte.toString(16).padStart(2, '0')).join('')

/** Returns the seq after which to show messages again to a participant that has read up to `through`. */
const startBefore = (through: Seq, since: Since): Seq =>
  typeof since === 'number' ? Math.min(since, through) : Math.max(through - since.last, 0)

/** Rejects with the reason of `signal` once it aborts. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** How long `join` waits for what was said before, in milliseconds. */
const FIRST_PAGE_MS = 3000

/** Resolves once the messages up to `head` have arrived, or a page of them: the first answer gives them. */
function firstPage(participant: Participant, head: Seq, clock: Clock): Promise<void> {
  const isAwaited = () => {
    const { through, unseen } = participant.state.inbox
    return through < head && unseen.length < PAGE_MESSAGES && participant.view.phase !== 'closed'
  }
  return new Promise(resolve => {
    const done = () => {
      cancel()
      subscription?.unsubscribe()
      resolve()
    }
    const cancel = clock.after(FIRST_PAGE_MS, done)
    const next = () => void (isAwaited() || done())
    // The first value comes while `subscribe` runs.
    let subscription: Subscription | undefined
    subscription = participant.state$.subscribe(next)
    next()
  })
}
