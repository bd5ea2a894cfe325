import type { Inbound, PublishRequest, Verdict } from '@midsentence/core'
import { concatMap, Observable, tap } from 'rxjs'
import type { TransportBug } from './mock-harness.ts'
import { isMessage, type TransportMutant } from './transport-mutant.ts'

/** Makes a bug that changes the request or the verdict of each publish. */
const publishing =
  (
    request: (request: PublishRequest) => PublishRequest,
    verdict: (verdict: Verdict) => Verdict = v => v,
  ): TransportBug =>
  peer => ({ publish: async sent => verdict(await peer.publish(request(sent))) })

/** Bugs in publishing. */
export const brokenPublishing: readonly TransportMutant[] = [
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
    name: 'every publish returns the first verdict',
    breaks: 'L1',
    bug: peer => {
      let last: Promise<Verdict> | undefined
      return {
        publish: request => {
          last ??= peer.publish(request)
          return last
        },
      }
    },
  },
  {
    name: 'a draft is shown after its push overtook it',
    breaks: 'I3',
    bug: (peer, { clock }) => ({ showDraft: (facts, rev) => void clock.after(20, () => peer.showDraft!(facts, rev)) }),
  },
  {
    name: 'a push while disconnected waits for ever',
    breaks: 'P3',
    bug: peer => ({
      publish: request =>
        peer
          .publish(request)
          .catch(error => (error.data?.unknown ? Promise.reject(error) : new Promise<never>(() => {}))),
    }),
  },
  {
    name: 'a push reported as not sent is sent later',
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
    name: 'a push crosses an unseen message',
    breaks: 'H1',
    bug: (peer, { room }) => ({ publish: request => peer.publish({ ...request, base: room.messages.length }) }),
  },
  {
    name: 'a hold is checked before the commit, not inside it',
    breaks: 'H1',
    bug: (peer, { room, clock }) => ({
      publish: async request => {
        const unseen = room.messages.length > request.base
        if (unseen) return peer.publish(request)
        await new Promise<void>(resolve => clock.after(20, resolve))
        return peer.publish({ ...request, base: room.messages.length })
      },
    }),
  },
  {
    name: 'a push is judged by received messages, not by delivered ones',
    breaks: 'H1',
    bug: peer => {
      let arrived = 0
      return {
        inbound$: peer.inbound$.pipe(
          tap(item => {
            if (isMessage(item)) arrived = item.message.seq
          }),
        ),
        publish: request => peer.publish({ ...request, base: Math.max(request.base, arrived) }),
      }
    },
  },
  {
    name: 'a base above the head is read as the head',
    breaks: 'H1',
    bug: (peer, { room }) => ({
      publish: request => peer.publish({ ...request, base: Math.min(request.base, room.messages.length) }),
    }),
  },
  {
    name: 'a push is held by messages that its author knows',
    breaks: 'H1',
    bug: publishing(r => ({ ...r, base: Math.max(0, r.base - 1) })),
  },
  {
    name: 'a held verdict without messages overtakes the stream',
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
  { name: 'a hush does not reach the room', breaks: 'Y5', bug: () => ({ hush: async () => true }) },
]
