import type { RuleId } from '@midsentence/conformance'
import { type Inbound, type Link, MidsentenceError, type PublishRequest, type Verdict } from '@midsentence/core'
import {
  BehaviorSubject,
  concatMap,
  filter,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  Subject,
  takeUntil,
  tap,
  throwError,
} from 'rxjs'
import type { Bug } from './bench.ts'

/** One planted bug, and the rule that must be among those it breaks. */
export interface Planted {
  readonly name: string
  readonly breaks: RuleId
  readonly bug: Bug
}

/** A bug in what is sent: the request is changed on its way, or the verdict on its way back. */
const publishing =
  (request: (request: PublishRequest) => PublishRequest, verdict: (verdict: Verdict) => Verdict = v => v): Bug =>
  peer => ({ publish: async sent => verdict(await peer.publish(request(sent))) })

const isMessage = (item: Inbound): item is Extract<Inbound, { type: 'message' }> => item.type === 'message'
const unavailable = () => new MidsentenceError('unavailable', 'The line is down.')

export const brokenTransports: readonly Planted[] = [
  {
    name: 'a push loses its last character',
    breaks: 'P1',
    bug: publishing(r => ({ ...r, content: r.content.slice(0, -1) })),
  },
  { name: 'a push is trimmed', breaks: 'P1', bug: publishing(r => ({ ...r, content: r.content.trim() || ' ' })) },
  {
    name: 'every attempt gets a new key',
    breaks: 'P4',
    bug: peer => {
      let attempt = 0
      return { publish: request => peer.publish({ ...request, key: `${request.key} ${++attempt}` }) }
    },
  },
  {
    name: 'the first answer is given for ever',
    breaks: 'L1',
    bug: peer => {
      let last: Promise<Verdict> | undefined
      return { publish: request => (last ??= peer.publish(request)) }
    },
  },
  {
    name: 'a push over a line that is down waits for ever',
    breaks: 'P3',
    bug: peer => ({
      publish: request =>
        peer
          .publish(request)
          .catch(error => (error.data?.unknown ? Promise.reject(error) : new Promise<never>(() => {}))),
    }),
  },
  {
    name: 'a push said not to be sent is sent later',
    breaks: 'P3',
    bug: (peer, { clock }) => ({
      publish: request =>
        peer.publish(request).catch(error => {
          clock.after(500, () => void peer.publish({ ...request, base: 1 }).catch(() => {}))
          throw error
        }),
    }),
  },
  {
    name: 'a push is sent although something unseen stands before it',
    breaks: 'H1',
    bug: (peer, { room }) => ({ publish: request => peer.publish({ ...request, base: room.messages.length }) }),
  },
  {
    name: 'a push is judged by what has arrived, not by what was given',
    breaks: 'H1',
    bug: peer => {
      let arrived = 0
      return {
        inbound$: peer.inbound$.pipe(tap(item => void (isMessage(item) && (arrived = item.message.seq)))),
        publish: request => peer.publish({ ...request, base: Math.max(request.base, arrived) }),
      }
    },
  },
  {
    name: 'a base from the future is taken for the head',
    breaks: 'H1',
    bug: (peer, { room }) => ({
      publish: request => peer.publish({ ...request, base: Math.min(request.base, room.messages.length) }),
    }),
  },
  {
    name: 'a push is held by what its author knows',
    breaks: 'H1',
    bug: publishing(r => ({ ...r, base: Math.max(0, r.base - 1) })),
  },
  {
    name: 'a verdict says held and brings nothing, before the messages have come',
    breaks: 'H1',
    bug: (peer, { clock }) => ({
      inbound$: peer.inbound$.pipe(
        concatMap(
          item =>
            new Observable<Inbound>(out => {
              const cancel = clock.after(400, () => {
                out.next(item)
                out.complete()
              })
              return cancel
            }),
        ),
      ),
      publish: async request => {
        const verdict = await peer.publish(request)
        return verdict.sent ? verdict : { ...verdict, messages: [] }
      },
    }),
  },
  {
    name: 'a verdict names the wrong seq',
    breaks: 'L4',
    bug: publishing(
      r => r,
      v => (v.sent ? { ...v, seq: v.seq + 1 } : v),
    ),
  },
  {
    name: 'own messages come back where it says they do not',
    breaks: 'L4',
    bug: peer => ({ supports: { ...peer.supports, echo: { no: 'It leaves them out.' } } }),
  },
  {
    name: 'messages under a known name are taken for notices',
    breaks: 'L1',
    bug: peer => ({
      inbound$: peer.inbound$.pipe(filter(item => !isMessage(item) || !item.message.sender_id.startsWith('Speaker 0'))),
    }),
  },
  {
    name: 'behind a cut reading goes on from now',
    breaks: 'L3',
    bug: (peer, { room }) => {
      let from = 0
      let down = false
      peer.link$.subscribe(link => {
        if (link.state === 'up' && down) from = room.messages.length
        down = link.state === 'down'
      })
      let through = 0
      return {
        resume: () => {},
        inbound$: peer.inbound$.pipe(
          filter(item => !isMessage(item) || item.message.seq <= through || item.message.seq > from),
          tap(item => void (isMessage(item) && (through = Math.max(through, item.message.seq)))),
        ),
      }
    },
  },
  { name: 'resume is not heard', breaks: 'L3', bug: () => ({ resume: () => {} }) },
  { name: 'resume leaves out the first', breaks: 'L3', bug: peer => ({ resume: after => peer.resume(after + 1) }) },
  {
    name: 'a repeated message gets a seq of its own',
    breaks: 'L1',
    bug: peer => ({
      inbound$: peer.inbound$.pipe(
        mergeMap(item =>
          isMessage(item) ? of(item, { ...item, message: { ...item.message, seq: item.message.seq + 1 } }) : of(item),
        ),
      ),
    }),
  },
  {
    name: 'messages are swapped where it cannot resume',
    breaks: 'L1',
    bug: (peer, { clock }) => ({
      supports: { ...peer.supports, resume: { no: 'It keeps nothing.' } },
      inbound$: new Observable<Inbound>(out => {
        let waiting: Inbound | undefined
        const release = () => {
          if (waiting) out.next(waiting)
          waiting = undefined
        }
        return peer.inbound$.subscribe({
          next: item => {
            if (!isMessage(item)) return out.next(item)
            if (waiting || item.message.sender_id.startsWith('Observer')) {
              out.next(item)
              return release()
            }
            waiting = item
            clock.after(200, release)
          },
          complete: () => out.complete(),
        })
      }),
    }),
  },
  {
    name: 'each reader counts for itself and says they are the room’s seqs',
    breaks: 'L2',
    bug: peer => ({
      inbound$: peer.inbound$.pipe(
        map(item =>
          isMessage(item) ? { ...item, message: { ...item.message, message_id: crypto.randomUUID() } } : item,
        ),
      ),
    }),
  },
  { name: 'nothing comes in', breaks: 'C1', bug: () => ({ inbound$: NEVER }) },
  {
    name: 'the last message waits for the next',
    breaks: 'C1',
    bug: peer => ({
      inbound$: new Observable<Inbound>(out => {
        let kept: Inbound | undefined
        return peer.inbound$.subscribe({
          next: item => {
            if (kept) out.next(kept)
            kept = item
          },
          complete: () => out.complete(),
        })
      }),
    }),
  },
  { name: 'close does not free the name', breaks: 'O1', bug: () => ({ close: async () => {} }) },
  { name: 'close hangs', breaks: 'O1', bug: () => ({ close: () => new Promise(() => {}) }) },
  {
    name: 'open hangs under a taken name',
    breaks: 'O1',
    bug: peer => ({ open: hello => peer.open(hello).catch(() => new Promise<never>(() => {})) }),
  },
  {
    name: 'a publish on what is closed is a TypeError',
    breaks: 'O1',
    bug: peer => ({
      publish: request =>
        peer.publish(request).catch(error => {
          throw error.code === 'session-unknown' ? new TypeError('closed') : error
        }),
    }),
  },
  {
    name: 'link$ tells only what is new',
    breaks: 'O2',
    bug: peer => {
      const link$ = new Subject<Link>()
      peer.link$.subscribe(link$)
      return { link$ }
    },
  },
  {
    name: 'link$ begins with up',
    breaks: 'O2',
    bug: peer => {
      const link$ = new BehaviorSubject<Link>({ state: 'up' })
      peer.link$
        .pipe(filter(link => link.state !== 'down' || !link.reason.startsWith('not connected')))
        .subscribe(link$)
      return { link$ }
    },
  },
  {
    name: 'a cut is an error of inbound$',
    breaks: 'O2',
    bug: peer => {
      const cut = peer.link$.pipe(
        filter(link => link.state === 'down' && !link.reason.startsWith('not connected')),
        mergeMap(() => throwError(unavailable)),
      )
      return { inbound$: peer.inbound$.pipe(takeUntil(cut)) }
    },
  },
  {
    name: 'inbound$ never completes',
    breaks: 'O2',
    bug: peer => ({ inbound$: new Observable(out => peer.inbound$.subscribe(item => out.next(item))) }),
  },
  {
    name: 'what comes before the first subscriber is lost',
    breaks: 'O3',
    bug: peer => {
      const inbound$ = new Subject<Inbound>()
      peer.inbound$.subscribe(inbound$)
      return { inbound$, resume: () => {} }
    },
  },
]
