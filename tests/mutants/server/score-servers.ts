import type { DraftEvent, ScoreRecord } from '@midsentence/core'
import type { Hub } from '@midsentence/core/hub'
import type { ServerMutant } from './servers.ts'

/** Changes the records that watchers are given. */
const inRecords =
  (change: (record: ScoreRecord) => readonly ScoreRecord[]) =>
  (hub: Hub): Partial<Hub> => ({
    watch: (request, listener) =>
      hub.watch!(request, { ...listener, records: batch => listener.records(batch.flatMap(change)) }),
  })

/** Bugs of a server in scores and in the list of rooms. */
export const scoreServers: readonly ServerMutant[] = [
  {
    name: 'a watcher is a participant',
    breaks: 'I2',
    bug: {
      hub: hub => ({
        async watch(request, listener) {
          await hub.join({ room: request.room, username: 'a watcher' })
          return hub.watch!(request, listener)
        },
      }),
    },
  },
  {
    name: 'a score leaves out undos',
    breaks: 'I3',
    bug: { hub: inRecords(record => (record.type === 'undone' ? [] : [record])) },
  },
  {
    name: 'a local draft that was sent is recorded only if its author says so',
    breaks: 'I3',
    bug: {
      // Without a draft that was shown before, the server has none to empty.
      session: session => {
        let shown: readonly DraftEvent[] = []
        return {
          showDraft: facts => {
            shown = [...shown, ...facts]
          },
          async publish(request, options) {
            const answer = await session.publish(request, options)
            session.showDraft(shown, shown.length)
            return answer
          },
        }
      },
    },
  },
  {
    name: 'a score has the newest head everywhere',
    breaks: 'I3',
    bug: { hub: inRecords(record => [{ ...record, head: record.head + 1 }]) },
  },
  {
    name: 'a score lacks the texts of messages',
    breaks: 'I3',
    bug: {
      hub: inRecords(record => {
        if (record.type !== 'message') return [record]
        const { message: _, ...rest } = record
        return [rest]
      }),
    },
  },
  {
    name: 'a score begins one record early',
    breaks: 'I4',
    bug: {
      hub: hub => ({
        watch: (request, listener) =>
          hub.watch!(request.from ? { ...request, from: request.from - 1 } : request, listener),
      }),
    },
  },
  {
    name: 'a score begins above the newest position',
    breaks: 'I4',
    bug: {
      hub: hub => ({
        watch: ({ from, ...request }, listener) =>
          hub.watch!(from !== undefined && from > 100 ? request : { ...request, ...(from && { from }) }, listener),
      }),
    },
  },
  {
    name: 'who counts no watchers',
    breaks: 'I5',
    bug: {
      session: session => ({
        who: async () => {
          const { watchers: _, ...who } = await session.who()
          return who
        },
      }),
    },
  },
  {
    name: 'a score hides that a crash took records',
    breaks: 'I6',
    bug: { hub: inRecords(record => (record.type === 'gap' ? [] : [record])) },
  },
  {
    name: 'a score does not name the messages that a crash took',
    breaks: 'I6',
    bug: {
      hub: hub => {
        let isInGap = false
        return inRecords(record => {
          if (record.type !== 'message') isInGap = record.type === 'gap'
          return isInGap && record.type === 'message' ? [] : [record]
        })(hub)
      },
    },
  },
  {
    name: 'a state lacks drafts',
    breaks: 'I7',
    bug: {
      hub: inRecords(record =>
        record.type === 'state'
          ? [{ ...record, participants: record.participants.map(each => ({ ...each, draft: [] })) }]
          : [record],
      ),
    },
  },
  {
    name: 'a score is kept for a week',
    breaks: 'I8',
    bug: { options: { score_keep_ms: 7 * 24 * 3_600_000 } },
  },
  {
    name: 'the list has every room',
    breaks: 'I9',
    bug: { options: { policy: { room: () => ({}), limits: () => ({}), access: () => ({ listed: true }) } } },
  },
  {
    name: 'the list has no participants',
    breaks: 'I9',
    bug: { hub: hub => ({ listed: async () => (await hub.listed!()).map(room => ({ ...room, participants: [] })) }) },
  },
]
