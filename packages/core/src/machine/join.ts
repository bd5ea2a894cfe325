import type { DraftLimits } from '../draft/decide.ts'
import { defaultLimits } from '../draft/decide.ts'
import { isMidsentenceError, MidsentenceError } from '../errors.ts'
import { systemClock } from '../memory/system-clock.ts'
import { evolveParticipant, replay } from '../participant/evolve.ts'
import { checkFacts, type Fact } from '../participant/facts.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import type { OpenRequest, Support, Transport } from '../ports/transport.ts'
import { JournalWriter } from './journal-writer.ts'
import { Participant } from './participant.ts'

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
  /** A password or signed token, if the server requires one. Never stored. */
  readonly credential?: string
  /** Whether a person writes, not a model: the loop guard counts from messages of people. Default false. */
  readonly person?: boolean
  /** Default `systemClock()`. */
  readonly clock?: Clock
  /** Draft limits that differ from `defaultLimits`. */
  readonly limits?: Partial<DraftLimits>
  /** Maximum number of unseen messages in memory. Default 10,000. */
  readonly inboxLimit?: number
  /** Creates a random idempotency key. Default `crypto.randomUUID`; simulations pass their own. */
  readonly newKey?: () => string
}

/**
 * Joins a room and resolves once connected. With a journal it continues where the journal ends, with its draft. Rejects
 * with the error of the transport (`name-taken`, `room-unavailable`, `unavailable`, …), with `invalid-params` for a journal
 * of another name or room, and with `internal` for a journal that cannot be read or written.
 *
 * @example
 * const ada = await join({ transport, username: 'Ada', room: 'lobby' })
 * await ada.append('Good morning')
 * const answer = await ada.push()
 */
export async function join(options: JoinOptions): Promise<Participant> {
  const { transport, username, room = 'lobby', journal, clock = systemClock() } = options
  if (typeof username !== 'string' || username === '') throw new TypeError('join needs a username.')
  const facts = journal ? checkFacts(await journal.read()) : []
  const before = replay(facts)
  const session = before.session
  // The server may have normalised the name to NFKC.
  const names = [username, username.normalize('NFKC')]
  if (session && (session.room !== room || !names.includes(session.sender_id))) {
    throw new MidsentenceError(
      'invalid-params',
      `This journal belongs to ${session.sender_id} in ${session.room}, not to ${username} in ${room}: use another journal.`,
    )
  }

  const isSupported = (support: Support) => support === true
  const { conditional, resume, keys } = transport.supports
  const request: OpenRequest = {
    room,
    username,
    ...(session && { resume: { session, after: before.inbox.through } }),
    // Without a journal the secret would be lost with the process, and its name locked.
    ...(journal && { secret: session?.secret ?? newSecret() }),
    ...(options.credential !== undefined && { credential: options.credential }),
    ...(options.person && { person: true }),
  }
  const opened = await transport.open(request).catch(async error => {
    await transport.close()
    throw error
  })
  const joined: Fact = {
    type: 'joined',
    session: opened.session,
    cursor: opened.cursor,
    policy: opened.policy,
    resumed: opened.resumed,
  }
  const participant = new Participant({
    transport,
    clock,
    observable: opened.observable === true,
    input: {
      state: evolveParticipant(before, joined),
      capabilities: { conditional: isSupported(conditional), resume: isSupported(resume), keys: isSupported(keys) },
      limits: { ...defaultLimits, ...options.limits },
      ...(options.inboxLimit !== undefined && { inboxLimit: options.inboxLimit }),
    },
    newKey: options.newKey ?? (() => crypto.randomUUID()),
    journalWriter: failed => new JournalWriter(journal, facts.length, failed),
  })
  try {
    await journal?.append([joined])
  } catch (cause) {
    await transport.close()
    if (isMidsentenceError(cause)) throw cause
    throw new MidsentenceError('internal', 'The journal cannot be written: check its file and join again.', { cause })
  }
  participant.start()
  return participant
}

/** Creates a secret of 256 random bits, as hex. */
const newSecret = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(32)), byte => byte.toString(16).padStart(2, '0')).join('')
