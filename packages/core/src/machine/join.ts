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

export interface JoinOptions {
  /** The line to the room: a new one for each `join`. */
  readonly transport: Transport
  readonly username: string
  /** Default `lobby`. */
  readonly room?: string
  /** Where to keep what is written and given, to go on mid-sentence after a crash. Default: nowhere. */
  readonly journal?: Journal
  /** What lets one in, where the other side asks for it: a password, a signed token. Never kept. */
  readonly credential?: string
  /** It is a person who writes: where models are slowed down that answer each other, its messages let them go on. */
  readonly person?: boolean
  readonly clock?: Clock
  readonly limits?: Partial<DraftLimits>
  /** Unseen messages are kept up to this many. Default 10,000. */
  readonly inboxLimit?: number
  /** Makes a new random key. Default `crypto.randomUUID`; a simulation gives its own. */
  readonly newKey?: () => string
}

/**
 * Joins a room and resolves once connected: anew, or where the journal left off, draft and all. Rejects with the
 * transport's reason (`name-taken`, `room-unavailable`, `unavailable`, …), or `invalid-params` for a journal that
 * belongs to somebody else.
 */
export async function join(options: JoinOptions): Promise<Participant> {
  const { transport, username, room = 'lobby', journal, clock = systemClock() } = options
  if (typeof username !== 'string' || username === '') throw new TypeError('join needs a username.')
  const facts = journal ? checkFacts(await journal.read()) : []
  const before = replay(facts)
  const session = before.session
  // A room may have put the name into NFKC.
  const names = [username, username.normalize('NFKC')]
  if (session && (session.room !== room || !names.includes(session.sender_id))) {
    throw new MidsentenceError(
      'invalid-params',
      `This journal belongs to ${session.sender_id} in ${session.room}, not to ${username} in ${room}: use another journal.`,
    )
  }

  const able = (support: Support) => support === true
  const { conditional, resume, keys } = transport.supports
  const hello: OpenRequest = {
    room,
    username,
    ...(session && { resume: { session, after: before.inbox.through } }),
    // Who has nowhere to keep a secret must not lock its name away when it dies.
    ...(journal && { secret: session?.secret ?? newSecret() }),
    ...(options.credential !== undefined && { credential: options.credential }),
    ...(options.person && { person: true }),
  }
  const welcome = await transport.open(hello).catch(async error => {
    await transport.close()
    throw error
  })
  const joined: Fact = {
    type: 'joined',
    session: welcome.session,
    cursor: welcome.cursor,
    policy: welcome.policy,
    resumed: welcome.resumed,
  }
  const participant = new Participant({
    transport,
    clock,
    observable: welcome.observable === true,
    input: {
      state: evolveParticipant(before, joined),
      capabilities: { conditional: able(conditional), resume: able(resume), keys: able(keys) },
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
    throw new MidsentenceError('internal', 'The journal cannot be written: mend it and join again.', { cause })
  }
  participant.start()
  return participant
}

/** 256 random bits. */
const newSecret = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(32)), byte => byte.toString(16).padStart(2, '0')).join('')
