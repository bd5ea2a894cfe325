import { enqueueActions, fromPromise, type SnapshotFrom, setup } from 'xstate'
import { defaultLimits } from '../draft/decide.ts'
import { textOf } from '../draft/evolve.ts'
import { isMidsentenceError, MidsentenceError } from '../errors.ts'
import { historyOf } from '../participant/evolve.ts'
import { cursorOf } from '../participant/inbox.ts'
import type { PublishRequest } from '../ports/transport.ts'
import type { MachineContext, MachineInput, View } from './context.ts'
import { closedError } from './errors.ts'
import type { EmittedEvent, ParticipantEvent, TimedVerdict } from './events.ts'
import { emptyQueue } from './queue.ts'
import { Transition } from './transition.ts'

/** A publish with an unknown outcome is retried after this time, or earlier when the link is up again. */
const RETRY_MS = 1000

const initialContext = ({ input }: { input: MachineInput }): MachineContext => ({
  state: input.state,
  limits: input.limits ?? defaultLimits,
  capabilities: input.capabilities,
  inboxLimit: input.inboxLimit ?? 10_000,
  deferred: emptyQueue,
  check: undefined,
  // A push found in the journal may have been sent: retry it with its key.
  push: { call: undefined, retries: input.state.pushing ? 1 : 0 },
  floor: undefined,
  rejoinedAt: 0,
  requestedAfter: undefined,
  withheld: [],
  overflowed: false,
  link: { state: 'down', reason: 'not connected yet' },
  present: new Set(),
  writing: new Set(),
  hushed: false,
  watchers: 0,
  observable: input.observable ?? false,
  recorded: input.recorded ?? false,
  ended: undefined,
})

const publishRequestOf = ({ context: { state, push } }: { context: MachineContext }): PublishRequest => {
  const { type: _, ...rest } = state.pushing!
  return { content: textOf(state.draft), isRetry: push.retries > 0, ...rest }
}

/** Creates an action that handles one event with a `Transition`. */
const transitionAction = <E>(handle: (transition: Transition, event: E) => void) =>
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
    const transition = new Transition(context)
    handle(transition, event as E)
    transition.answerCheck()
    enqueue.assign(transition.changes)
    for (const emitted of transition.emitted) enqueue.emit(emitted)
  })

type Of<T extends ParticipantEvent['type']> = Extract<ParticipantEvent, { type: T }>
type CommandEvent = Of<'append' | 'undo' | 'reset' | 'preview' | 'check' | 'push'>

const canRetry = ({ context, event }: { context: MachineContext; event: unknown }): boolean => {
  const { error } = event as { error: unknown }
  return context.capabilities.keys && isMidsentenceError(error) && error.data.unknown === true
}

/**
 * The state chart of a participant, with three parallel regions: the draft (`drafting.empty`, `drafting.open`, `pushing`,
 * `closed`), whether a check waits, and the link. The chart selects the rule for each event; `Transition` implements the
 * rules. It uses no journal, transport or clock: provide the actor `publish`, send it `ParticipantEvent`s and subscribe to
 * its `EmittedEvent`s. `join` does all of this.
 */
export const participantChart = setup({
  types: {
    context: {} as MachineContext,
    events: {} as ParticipantEvent,
    emitted: {} as EmittedEvent,
    input: {} as MachineInput,
  },
  actors: {
    publish: fromPromise<TimedVerdict, PublishRequest>(() =>
      Promise.reject(new MidsentenceError('unavailable', 'No `publish` actor was provided.')),
    ),
  },
  actions: {
    run: transitionAction<CommandEvent>((t, event) => t.run(event)),
    preview: transitionAction<Of<'preview'>>((t, event) => t.preview(event.call)),
    defer: transitionAction<CommandEvent>((t, event) => t.defer(event)),
    reject: transitionAction<CommandEvent>((t, event) => t.reject(event.call)),
    settlePush: transitionAction<{ output: TimedVerdict }>((t, event) => t.settlePush(event.output)),
    failPush: transitionAction<{ error: unknown }>((t, event) => t.failPush(event.error)),
    retryPush: transitionAction(t => t.retryPush()),
    abandon: transitionAction<Of<'call.abandoned'>>((t, event) => t.abandon(event.call)),
    expireCheck: transitionAction<Of<'check.expired'>>((t, event) => t.expireCheck(event.call)),
    receive: transitionAction<Of<'inbound'>>((t, { item }) => {
      if (item.type === 'message') t.receive(item.message)
      else if (item.type === 'missed') t.markMissed(item.from, item.to)
      else if (item.type === 'hush') t.setHush(item.on)
      else if (item.type === 'watchers') t.setWatchers(item.watchers)
      else if (item.type === 'rejoined') t.replaceSession(item.welcome)
      else t.setPresence(item.sender_id, item.present, item.writing)
    }),
    connect: transitionAction<Of<'link.up'>>((t, { notice }) => {
      t.setLink({ state: 'up', ...(notice !== undefined && { notice }) })
      t.resumeReading()
    }),
    disconnect: transitionAction<Of<'link.down'>>((t, event) => {
      t.forgetWriters()
      t.setWatchers(0)
      t.setHush(false)
      t.setLink({ state: 'down', reason: event.reason })
    }),
    loseLink: transitionAction<Of<'link.lost'>>((t, event) => {
      t.setLink({ state: 'lost', reason: event.reason })
      t.end(new MidsentenceError('session-unknown', event.reason))
    }),
    yieldFloor: transitionAction(t => t.yieldFloor()),
    close: transitionAction<Of<'close'>>((t, event) => t.end(event.error ?? closedError())),
    ignore: transitionAction<ParticipantEvent>((t, event) => t.emitted.push({ type: 'ignored', event: event.type })),
  },
  guards: {
    isPushing: ({ context }) => context.state.pushing !== undefined,
    hasDraft: ({ context }) => context.state.draft.head !== undefined,
    isEmpty: ({ context }) => context.state.draft.head === undefined,
    appendsText: ({ event }) => event.type === 'append' && event.text !== '',
    hasOneSegment: ({ context }) => context.state.draft.segments === 1,
    isWaiting: ({ context }) => context.check !== undefined,
    isAnswered: ({ context }) => context.check === undefined,
    isRejoined: ({ event }) => event.type === 'inbound' && event.item.type === 'rejoined',
    canRetry,
  },
}).createMachine({
  id: 'participant',
  context: initialContext,
  type: 'parallel',
  states: {
    draft: {
      initial: 'drafting',
      on: { close: { target: '.closed', actions: 'close' }, 'link.lost': { target: '.closed', actions: 'loseLink' } },
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
              on: { append: { guard: 'appendsText', target: 'open', actions: 'run' } },
            },
            open: {
              always: { guard: 'isEmpty', target: 'empty' },
              on: {
                undo: { guard: 'hasOneSegment', target: 'empty', actions: 'run' },
                reset: { target: 'empty', actions: 'run' },
              },
            },
          },
        },
        pushing: {
          initial: 'publishing',
          on: {
            append: { actions: 'defer' },
            undo: { actions: 'defer' },
            reset: { actions: 'defer' },
            preview: { actions: 'defer' },
            check: { actions: 'defer' },
            push: { actions: 'defer' },
            // The server lost the session that published, so no verdict will come.
            inbound: { guard: 'isRejoined', target: 'drafting', actions: 'receive' },
          },
          states: {
            publishing: {
              invoke: {
                src: 'publish',
                input: publishRequestOf,
                onDone: { target: '#participant.draft.drafting', actions: 'settlePush' },
                onError: [
                  { guard: 'canRetry', target: 'retrying', actions: 'retryPush' },
                  { target: '#participant.draft.drafting', actions: 'failPush' },
                ],
              },
            },
            retrying: {
              on: { 'link.up': { target: 'publishing' } },
              after: { [RETRY_MS]: { target: 'publishing' } },
            },
          },
        },
        closed: {
          on: {
            append: { actions: 'reject' },
            undo: { actions: 'reject' },
            reset: { actions: 'reject' },
            preview: { actions: 'preview' },
            check: { actions: 'reject' },
            push: { actions: 'reject' },
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
        check: { always: { guard: 'isAnswered', target: 'idle' } },
      },
    },
    link: {
      initial: 'down',
      states: {
        down: { on: { 'link.up': { target: 'up', actions: 'connect' }, 'link.down': { actions: 'disconnect' } } },
        up: { on: { 'link.down': { target: 'down', actions: 'disconnect' }, 'link.up': { actions: 'connect' } } },
      },
    },
  },
  on: {
    inbound: { actions: 'receive' },
    yield: { actions: 'yieldFloor' },
    'call.abandoned': { actions: 'abandon' },
    'check.expired': { actions: 'expireCheck' },
    '*': { actions: 'ignore' },
  },
})

/** Returns the view of a snapshot. */
export function viewOf(snapshot: SnapshotFrom<typeof participantChart>): View {
  const { state, check, link, present, writing, hushed, watchers, observable, recorded } = snapshot.context
  const { earlier, unseen } = state.inbox
  return {
    phase: phaseOf(snapshot),
    draft: state.draft,
    cursor: cursorOf(state.inbox),
    unseen: earlier.length + unseen.length - historyOf(state, unseen),
    waiting: check !== undefined,
    link,
    present,
    writing,
    hushed,
    watchers,
    observable,
    recorded,
  }
}

function phaseOf(snapshot: SnapshotFrom<typeof participantChart>): View['phase'] {
  if (snapshot.matches({ draft: 'closed' })) return 'closed'
  if (snapshot.matches({ draft: 'pushing' })) return 'pushing'
  return snapshot.matches({ draft: { drafting: 'open' } }) ? 'drafting.open' : 'drafting.empty'
}
