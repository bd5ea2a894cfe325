import type { CallOptions, LocalSession } from '@midsentence/core/hub'
import { expect, test } from 'vitest'
import { Admissions } from '../admissions.ts'
import { ClusterCounters } from '../cluster-counters.ts'
import type { OwnedRoom } from '../owner/owned-room.ts'
import type { OwnedRooms } from '../owner/owned-rooms.ts'
import { CallService } from './call-service.ts'

test('a check whose caller is gone before its room is in memory does not wait', async () => {
  let load = () => {}
  const loading = new Promise<void>(resolve => {
    load = resolve
  })
  const check = (_: unknown, options?: CallOptions) =>
    Promise.resolve({ gone: options?.signal?.aborted }) as unknown as ReturnType<LocalSession['check']>
  const session = { check, snapshotCursor: () => undefined } as unknown as LocalSession
  const room = {
    hub: { loadRoomOf: () => loading },
    enter: () => session,
    answer: (answer: Promise<unknown>) => answer,
  } as unknown as OwnedRoom
  const answers: unknown[] = []
  const service = new CallService({
    id: 'owner',
    rooms: { find: () => room } as unknown as OwnedRooms,
    admissions: new Admissions(),
    counters: new ClusterCounters(),
    send: (_, item) => answers.push(item),
    fault: () => {},
  })
  service.receive('other', { t: 'call', id: 1, room: 'lobby', method: 'check', args: [{}], token: 'token' })
  service.receive('other', { t: 'cancel', id: 1 })
  load()
  await expect.poll(() => answers).toEqual([{ t: 'done', id: 1, value: { gone: true } }])
  expect(service.isBusyWith('other')).toBe(false)
})
