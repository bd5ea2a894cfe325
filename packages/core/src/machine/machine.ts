import { enqueueActions, fromPromise, setup } from 'xstate'
import { type DraftLimits, defaultLimits } from '../draft/decide.ts'
import { textOf } from '../draft/evolve.ts'
import { isMidsentenceError, MidsentenceError } from '../errors.ts'
import type { PublishRequest } from '../ports/transport.ts'
import type { MachineContext, TransportCapabilities } from './context.ts'
import type { Emitted, ParticipantEvent, TimedVerdict } from './events.ts'
import type { ParticipantState } from './evolve.ts'
import { emptyQueue } from './queue.ts'
import { closedError, Transition } from './transition.ts'

export interface MachineInput {
  readonly state: ParticipantState
  readonly abilities: TransportCapabilities
  readonly limits?: DraftLimits
  /** Unseen messages are kept up to this many. Default 10,000. */
  readonly inboxLimit?: number
}

/** A publish whose end is not known is asked again this long after, if its link has not told sooner. */
const ASK_AGAIN_MS = 1000

const start = ({ input }: { input: MachineInput }): MachineContext => ({
  state: input.state,
  limits: input.limits ?? defaultLimits,
  abilities: input.abilities,
  inboxLimit: input.inboxLimit ?? 10_000,
  deferred: emptyQueue,
  check: undefined,
  // A push found in the journal may have been sent: ask, under its key.
  push: { call: undefined, asked: input.state.pushing ? 1 : 0 },
  floor: undefined,
  askedAfter: undefined,
  behind: false,
  link: { state: 'down', reason: 'not connected yet' },
  present: new Set(),
  ended: undefined,
})

const requestOf = ({ context: { state, push } }: { context: MachineContext }): PublishRequest => {
  const { type: _, ...how } = state.pushing!
  return { content: textOf(state.draft), isRetry: push.asked > 0, ...how }
}

/** An action that lets one event take its turn. */
const turn = <E>(take: (turn: Transition, event: E) => void) =>
  enqueueActions<MachineContext, ParticipantEvent, undefined, ParticipantEvent, never, never, never, never, Emitted>(
    ({ context, event, enqueue }) => {
      const course = new Transition(context)
      take(course, event as E)
      course.serve()
      enqueue.assign(course.changes)
      for (const emitted of course.emitted) enqueue.emit(emitted)
    },
  )

type Of<T extends ParticipantEvent['type']> = Extract<ParticipantEvent, { type: T }>
type CommandEvent = Of<'append' | 'undo' | 'reset' | 'preview' | 'check' | 'push'>

const unknownWithKeys = ({ context, event }: { context: MachineContext; event: unknown }): boolean => {
  const { error } = event as { error: unknown }
  return context.abilities.keys && isMidsentenceError(error) && error.data.unknown === true
}

/**
 * A participant as a state chart. It shows the draft (`drafting.empty`, `drafting.open`, `pushing`, `closed`), beside
 * it whether a check waits, and the link. The chart says which rule applies when; the rules are in `Turn`. It knows no
 * promise, journal or clock: provide the actor `publish`, send it `ParticipantEvent`s, listen to what it emits.
 */
export const participantMachine = setup({
  types: {
    context: {} as MachineContext,
    events: {} as ParticipantEvent,
    emitted: {} as Emitted,
    input: {} as MachineInput,
  },
  actors: {
    publish: fromPromise<TimedVerdict, PublishRequest>(() =>
      Promise.reject(new MidsentenceError('unavailable', 'No transport was provided.')),
    ),
  },
  actions: {
    run: turn<CommandEvent>((t, event) => t.run(event)),
    preview: turn<Of<'preview'>>((t, event) => t.preview(event.call)),
    defer: turn<CommandEvent>((t, event) => t.defer(event)),
    refuse: turn<CommandEvent>((t, event) => t.refuse(event.call)),
    judged: turn<{ output: TimedVerdict }>((t, event) => t.judged(event.output)),
    failed: turn<{ error: unknown }>((t, event) => t.failed(event.error)),
    askAgain: turn(t => t.askAgain()),
    abandon: turn<Of<'call.abandoned'>>((t, event) => t.abandon(event.call)),
    expire: turn<Of<'check.expired'>>((t, event) => t.expire(event.call)),
    receive: turn<Of<'inbound'>>((t, { item }) => {
      if (item.type === 'message') t.receive(item.message)
      else if (item.type === 'missed') t.miss(item.from, item.to)
      else if (item.type === 'rejoined') t.rejoin(item.welcome)
      else t.present(item.sender_id, item.present)
    }),
    connected: turn<Of<'link.up'>>((t, { notice }) => {
      t.link({ state: 'up', ...(notice !== undefined && { notice }) })
      t.reconnected()
    }),
    disconnected: turn<Of<'link.down'>>((t, event) => t.link({ state: 'down', reason: event.reason })),
    lost: turn<Of<'link.lost'>>((t, event) => {
      t.link({ state: 'lost', reason: event.reason })
      t.end(new MidsentenceError('session-unknown', event.reason))
    }),
    yield: turn(t => t.yield()),
    close: turn<Of<'close'>>((t, event) => t.end(event.error ?? closedError())),
    ignore: turn<ParticipantEvent>((t, event) => t.emitted.push({ type: 'ignored', event: event.type })),
  },
  guards: {
    isPushing: ({ context }) => context.state.pushing !== undefined,
    hasDraft: ({ context }) => context.state.draft.head !== undefined,
    isEmpty: ({ context }) => context.state.draft.head === undefined,
    willOpen: ({ event }) => event.type === 'append' && event.text !== '',
    isLastSegment: ({ context }) => context.state.draft.segments === 1,
    isWaiting: ({ context }) => context.check !== undefined,
    isServed: ({ context }) => context.check === undefined,
    isRejoined: ({ event }) => event.type === 'inbound' && event.item.type === 'rejoined',
    unknownWithKeys,
  },
}).createMachine({
  id: 'participant',
  context: start,
  type: 'parallel',
  states: {
    draft: {
      initial: 'drafting',
      on: { close: { target: '.closed', actions: 'close' }, 'link.lost': { target: '.closed', actions: 'lost' } },
      states: {
        drafting: {
          initial: 'empty',
          always: { guard: 'isPushing', target: 'pushing' },
          on: {
            append: { actions: 'run' },
            undo: { actions: 'run' },
            reset: { actions: 'run' },
            preview: { actions: 'run' },
            check: { actions: 'run' },
            push: { actions: 'run' },
          },
          states: {
            empty: {
              always: { guard: 'hasDraft', target: 'open' },
              on: { append: { guard: 'willOpen', target: 'open', actions: 'run' } },
            },
            open: {
              always: { guard: 'isEmpty', target: 'empty' },
              on: {
                undo: { guard: 'isLastSegment', target: 'empty', actions: 'run' },
                reset: { target: 'empty', actions: 'run' },
              },
            },
          },
        },
        pushing: {
          initial: 'asking',
          on: {
            append: { actions: 'defer' },
            undo: { actions: 'defer' },
            reset: { actions: 'defer' },
            preview: { actions: 'defer' },
            check: { actions: 'defer' },
            push: { actions: 'defer' },
            // The room that was asked is gone, and its answer with it.
            inbound: { guard: 'isRejoined', target: 'drafting', actions: 'receive' },
          },
          states: {
            asking: {
              invoke: {
                src: 'publish',
                input: requestOf,
                onDone: { target: '#participant.draft.drafting', actions: 'judged' },
                onError: [
                  { guard: 'unknownWithKeys', target: 'unsure', actions: 'askAgain' },
                  { target: '#participant.draft.drafting', actions: 'failed' },
                ],
              },
            },
            unsure: {
              on: { 'link.up': { target: 'asking' } },
              after: { [ASK_AGAIN_MS]: { target: 'asking' } },
            },
          },
        },
        closed: {
          on: {
            append: { actions: 'refuse' },
            undo: { actions: 'refuse' },
            reset: { actions: 'refuse' },
            preview: { actions: 'preview' },
            check: { actions: 'refuse' },
            push: { actions: 'refuse' },
            close: { actions: 'ignore' },
            'link.lost': { actions: 'ignore' },
            inbound: { actions: 'ignore' },
            yield: { actions: 'ignore' },
          },
        },
      },
    },
    waiting: {
      initial: 'idle',
      states: {
        idle: { always: { guard: 'isWaiting', target: 'check' } },
        check: { always: { guard: 'isServed', target: 'idle' } },
      },
    },
    link: {
      initial: 'down',
      states: {
        down: { on: { 'link.up': { target: 'up', actions: 'connected' }, 'link.down': { actions: 'disconnected' } } },
        up: { on: { 'link.down': { target: 'down', actions: 'disconnected' }, 'link.up': { actions: 'connected' } } },
      },
    },
  },
  on: {
    inbound: { actions: 'receive' },
    yield: { actions: 'yield' },
    'call.abandoned': { actions: 'abandon' },
    'check.expired': { actions: 'expire' },
    '*': { actions: 'ignore' },
  },
})
