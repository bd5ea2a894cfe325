import { type Inbound, type Link, MidsentenceError, type OpenResult, type PublishRequest } from '@midsentence/core'
import {
  BehaviorSubject,
  filter,
  map,
  merge,
  mergeMap,
  NEVER,
  Observable,
  of,
  Subject,
  takeUntil,
  tap,
  throwError,
} from 'rxjs'
import { isMessage, type TransportMutant } from './transport-mutant.ts'

const unavailable = () => new MidsentenceError('unavailable', 'Disconnected.')

/** Bugs in received messages, in the link state, and in opening and closing. */
export const brokenStreams: readonly TransportMutant[] = [
  {
    name: 'own messages are echoed although supports.echo says no',
    breaks: 'L4',
    bug: peer => ({ supports: { ...peer.supports, echo: { no: 'It leaves them out.' } } }),
  },
  {
    name: 'messages under a known name are dropped as notices',
    breaks: 'L1',
    bug: peer => ({
      inbound$: peer.inbound$.pipe(filter(item => !isMessage(item) || !item.message.sender_id.startsWith('Client 0'))),
    }),
  },
  {
    name: 'after a cut the stream continues at the head',
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
          tap(item => {
            if (isMessage(item)) through = Math.max(through, item.message.seq)
          }),
        ),
      }
    },
  },
  {
    name: 'a session ends with a cut of 90 s',
    breaks: 'A3',
    bug: (peer, { room, clock }) => {
      let opened: OpenResult | undefined
      let downSince: number | undefined
      let cursor = 0
      const rejoined$ = new Subject<Inbound>()
      peer.link$.subscribe(link => {
        if (link.state === 'down') downSince ??= clock.monotonic()
        if (link.state !== 'up') return
        if (opened && downSince !== undefined && clock.monotonic() - downSince >= 90_000) {
          cursor = room.messages.length
          const session = { ...opened.session, session_id: 'another' }
          rejoined$.next({ type: 'rejoined', welcome: { ...opened, session, cursor, resumed: false } })
        }
        downSince = undefined
      })
      return {
        open: async request => {
          opened = await peer.open(request)
          return opened
        },
        inbound$: merge(rejoined$, peer.inbound$.pipe(filter(item => !isMessage(item) || item.message.seq > cursor))),
      }
    },
  },
  { name: 'resume is ignored', breaks: 'L3', bug: () => ({ resume: () => {} }) },
  { name: 'resume skips the first message', breaks: 'L3', bug: peer => ({ resume: after => peer.resume(after + 1) }) },
  {
    name: 'a repeated message gets a new seq',
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
    name: 'a seq is skipped',
    breaks: 'L2',
    bug: peer => {
      const shifted = (seq: number) => (seq < 2 ? seq : seq + 1)
      const original = (seq: number) => (seq < 3 ? Math.min(seq, 1) : seq - 1)
      return {
        supports: { ...peer.supports, resume: { no: 'It keeps nothing.' } },
        inbound$: peer.inbound$.pipe(
          map(item =>
            isMessage(item) ? { ...item, message: { ...item.message, seq: shifted(item.message.seq) } } : item,
          ),
        ),
        publish: async request => {
          const verdict = await peer.publish({ ...request, base: original(request.base) })
          if (verdict.sent) return { ...verdict, seq: shifted(verdict.seq) }
          return { ...verdict, messages: verdict.messages.map(message => ({ ...message, seq: shifted(message.seq) })) }
        },
      }
    },
  },
  {
    name: 'presence is emitted as a message',
    breaks: 'L1',
    bug: peer => {
      let head = 0
      return {
        inbound$: peer.inbound$.pipe(
          map((item): Inbound => {
            if (isMessage(item)) head = Math.max(head, item.message.seq)
            if (item.type !== 'presence') return item
            const { sender_id, present } = item
            const content = present ? 'is here' : 'is gone'
            const timestamp = '2026-01-01T00:00:00.000Z'
            return {
              type: 'message',
              message: { message_id: crypto.randomUUID(), sender_id, content, timestamp, seq: head + 1 },
            }
          }),
        ),
      }
    },
  },
  {
    name: 'messages are swapped on a transport that cannot resume',
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
    name: 'message ids differ for each reader',
    breaks: 'L2',
    bug: peer => ({
      inbound$: peer.inbound$.pipe(
        map(item =>
          isMessage(item) ? { ...item, message: { ...item.message, message_id: crypto.randomUUID() } } : item,
        ),
      ),
    }),
  },
  {
    name: 'the room does not learn who writes',
    breaks: 'L10',
    bug: () => ({ showWriting: () => {} }),
  },
  {
    name: 'who stopped writing is not sent',
    breaks: 'L10',
    bug: peer => ({
      showWriting: writing => {
        if (writing) peer.showWriting!(writing)
      },
      inbound$: peer.inbound$.pipe(filter(item => item.type !== 'presence' || item.writing === true)),
    }),
  },
  {
    name: 'a participant that writes is a message',
    breaks: 'L10',
    bug: (peer, { room }) => ({
      inbound$: peer.inbound$.pipe(
        map((item): Inbound => {
          if (item.type !== 'presence' || !item.writing) return item
          const seq = room.messages.length + 1
          const timestamp = '2026-01-01T00:00:00.000Z'
          return {
            type: 'message',
            message: { message_id: 'm', sender_id: item.sender_id, content: '…', timestamp, seq },
          }
        }),
      ),
    }),
  },
  { name: 'no message arrives', breaks: 'C1', bug: () => ({ inbound$: NEVER }) },
  {
    name: 'the last message waits for the next',
    breaks: 'C1',
    bug: peer => ({
      inbound$: new Observable<Inbound>(out => {
        let previous: Inbound | undefined
        return peer.inbound$.subscribe({
          next: item => {
            if (previous) out.next(previous)
            previous = item
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
    name: 'a publish after close fails with a TypeError',
    breaks: 'O1',
    bug: peer => ({
      publish: request =>
        peer.publish(request).catch(error => {
          throw error.code === 'session-unknown' ? new TypeError('closed') : error
        }),
    }),
  },
  {
    name: 'a publish refused before open is sent after it',
    breaks: 'O1',
    bug: peer => {
      let opened = false
      let refused: PublishRequest | undefined
      return {
        open: async hello => {
          const result = await peer.open(hello)
          opened = true
          if (refused) peer.publish({ ...refused, base: result.cursor }).catch(() => {})
          return result
        },
        publish: request => {
          if (!opened) refused = request
          return peer.publish(request)
        },
      }
    },
  },
  {
    name: 'yield before open throws',
    breaks: 'O1',
    bug: peer => {
      let opened = false
      return {
        open: hello => {
          opened = true
          return peer.open(hello)
        },
        yield: () => {
          if (!opened) throw unavailable()
          peer.yield()
        },
      }
    },
  },
  {
    name: 'a second open closes the first',
    breaks: 'O1',
    bug: peer => {
      let opened = false
      return {
        open: hello => {
          if (opened) return peer.close().then(() => Promise.reject(unavailable()))
          opened = true
          return peer.open(hello)
        },
      }
    },
  },
  {
    name: 'close before open does not complete the streams',
    breaks: 'O2',
    bug: peer => {
      let opened = false
      return {
        open: hello => {
          opened = true
          return peer.open(hello)
        },
        close: async () => {
          if (opened) await peer.close()
        },
      }
    },
  },
  {
    name: 'link$ does not replay its current state',
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
    name: 'a cut fails inbound$',
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
    name: 'messages before the first subscriber are lost',
    breaks: 'O3',
    bug: peer => {
      const inbound$ = new Subject<Inbound>()
      peer.inbound$.subscribe(inbound$)
      return { inbound$, resume: () => {} }
    },
  },
]
