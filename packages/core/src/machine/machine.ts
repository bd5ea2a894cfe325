import { enqueueActions, fromPromise, setup } from 'xstate'
import { type DraftLimits, defaultLimits } from '../draft/decide.ts'
import { textOf } from '../draft/evolve.ts'
import { isMidsentenceError, MidsentenceError } from '../errors.ts'
import type { ParticipantState } from '../participant/evolve.ts'
import type { PublishRequest } from '../ports/transport.ts'
import type { MachineContext, TransportCapabilities } from './context.ts'
import type { EmittedEvent, ParticipantEvent, TimedVerdict } from './events.ts'
import { emptyQueue } from './queue.ts'
import { closedError, Transition } from './transition.ts'

export interface MachineInput {
  readonly state: ParticipantState
  readonly capabilities: TransportCapabilities
  readonly limits?: DraftLimits
  /** Unseen messages are kept up to this many. Default 10,000. */
  readonly inboxLimit?: number
}

/** A publish whose end is not known is asked again this long after, if its link has not told sooner. */
const ASK_AGAIN_MS = 1000

const initialContext = ({ input }: { input: MachineInput }): MachineContext => ({
  state: input.state,
  limits: input.limits ?? defaultLimits,
  capabilities: input.capabilities,
  inboxLimit: input.inboxLimit ?? 10_000,
  deferred: emptyQueue,
  check: undefined,
  // A push found in the journal may have been sent: ask, under its key.
  push: { call: undefined, asked: input.state.pushing ? 1 : 0 },
  floor: undefined,
  requestedAfter: undefined,
  overflowed: false,
  link: { state: 'down', reason: 'not connected yet' },
  present: new Set(),
  ended: undefined,
})

const publishRequestOf = ({ context: { state, push } }: { context: MachineContext }): PublishRequest => {
  const { type: _, ...how } = state.pushing!
  return { content: textOf(state.draft), isRetry: push.asked > 0, ...how }
}

/** An action that lets one event take its turn. */
const transitionAction = <E>(take: (turn: Transition, event: E) => void) =>
  enqueueActions<
    MachineContext,
    ParticipantEvent,
    undefined,
    ParticipantEvent,
    never,
    never,
    never,
    never,
    EmittedEvent
  >(({ context, event, enqueue }) => {
    const course = new Transition(context)
    take(course, event as E)
    course.answerCheck()
    enqueue.assign(course.changes)
    for (const emitted of course.emitted) enqueue.emit(emitted)
  })

type Of<T extends ParticipantEvent['type']> = Extract<ParticipantEvent, { type: T }>
type CommandEvent = Of<'append' | 'undo' | 'reset' | 'preview' | 'check' | 'push'>

const unknownWithKeys = ({ context, event }: { context: MachineContext; event: unknown }): boolean => {
  const { error } = event as { error: unknown }
  return context.capabilities.keys && isMidsentenceError(error) && error.data.unknown === true
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
    emitted: {} as EmittedEvent,
    input: {} as MachineInput,
  },
  actors: {
    publish: fromPromise<TimedVerdict, PublishRequest>(() =>
      Promise.reject(new MidsentenceError('unavailable', 'No transport was provided.')),
    ),
  },
  actions: {
    run: transitionAction<CommandEvent>((t, event) => t.run(event)),
    preview: transitionAction<Of<'preview'>>((t, event) => t.preview(event.call)),
    defer: transitionAction<CommandEvent>((t, event) => t.defer(event)),
    refuse: transitionAction<CommandEvent>((t, event) => t.reject(event.call)),
    judged: transitionAction<{ output: TimedVerdict }>((t, event) => t.settlePush(event.output)),
    failed: transitionAction<{ error: unknown }>((t, event) => t.failPush(event.error)),
    askAgain: transitionAction(t => t.retryPush()),
    abandon: transitionAction<Of<'call.abandoned'>>((t, event) => t.abandon(event.call)),
    expire: transitionAction<Of<'check.expired'>>((t, event) => t.expireCheck(event.call)),
    receive: transitionAction<Of<'inbound'>>((t, { item }) => {
      if (item.type === 'message') t.receive(item.message)
      else if (item.type === 'missed') t.markMissed(item.from, item.to)
      else if (item.type === 'rejoined') t.replaceSession(item.welcome)
      else t.setPresence(item.sender_id, item.present)
    }),
    connected: transitionAction<Of<'link.up'>>((t, { notice }) => {
      t.setLink({ state: 'up', ...(notice !== undefined && { notice }) })
      t.resumeReading()
    }),
    disconnected: transitionAction<Of<'link.down'>>((t, event) => t.setLink({ state: 'down', reason: event.reason })),
    lost: transitionAction<Of<'link.lost'>>((t, event) => {
      t.setLink({ state: 'lost', reason: event.reason })
      t.end(new MidsentenceError('session-unknown', event.reason))
    }),
    yield: transitionAction(t => t.yieldFloor()),
    close: transitionAction<Of<'close'>>((t, event) => t.end(event.error ?? closedError())),
    ignore: transitionAction<ParticipantEvent>((t, event) => t.emitted.push({ type: 'ignored', event: event.type })),
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
  context: initialContext,
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
                input: publishRequestOf,
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
