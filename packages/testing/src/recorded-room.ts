import type { RecordedCall } from '@midsentence/conformance/history'
import { historyRecorder, type LogEntry, type RecordedHistory } from '@midsentence/conformance/history'
import type { RoomSettings, Seq } from '@midsentence/core'
import { memoryLog, virtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'

export type Mutable<T> = T extends readonly (infer Each)[]
  ? Mutable<Each>[]
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T

/** A mutable history, which a test can damage. */
export type HistoryDraft = Mutable<RecordedHistory>

/** Opens a room on a virtual clock whose callers record their calls. */
export async function recordedRoom(settings: Partial<RoomSettings> = {}) {
  const clock = virtualClock()
  const log = memoryLog()
  const hub = await openHub({ clock, log, policy: { room: () => settings, limits: () => ({}) } })
  const recorder = historyRecorder(() => clock.monotonic())
  const legacySessions: string[] = []

  const join = async (username: string, legacy = false) => {
    const session = await hub.join({ username, ...(legacy && { legacy }) })
    const { session_id, sender_id, cursor } = session.joinResult
    if (legacy) legacySessions.push(session_id)
    const caller = recorder.caller({ session: session_id, name: sender_id, cursor })
    const call = (calling: Pick<RecordedCall, 'action' | 'key' | 'after' | 'content'>, make: () => Promise<unknown>) =>
      caller.call(calling, make).catch(() => {})
    return {
      publish: (content: string, base: Seq, key: string) =>
        call({ action: 'publish', content, after: base, key }, () => session.publish({ content, base, key })),
      append: (text: string) => call({ action: 'append' }, () => session.append({ text })),
      push: (content: string) => call({ action: 'push', content }, () => session.push()),
      preview: (after?: Seq) =>
        call({ action: 'preview', ...(after !== undefined && { after }) }, () => session.preview(cursorRequest(after))),
      undo: () => call({ action: 'undo' }, () => session.undo()),
      check: () => call({ action: 'check' }, () => session.check({ timeout_ms: 0 })),
      speak: (content: string) => call({ action: 'push', content }, () => session.sendUnconditionally(content)),
    }
  }
  const history = async (): Promise<HistoryDraft> => {
    const entries: LogEntry[] = []
    for await (const record of log.records('lobby')) {
      if (record.type === 'message') entries.push({ ...record.message, session: record.session })
    }
    await hub.close()
    return JSON.parse(JSON.stringify(recorder.history({ ignoringHolds: legacySessions, log: entries })))
  }
  return { clock, join, history }
}

const cursorRequest = (after: Seq | undefined) => (after === undefined ? {} : { after })

/** Records six messages by four callers, one of them a legacy client, and each kind of call. */
export async function talk(): Promise<HistoryDraft> {
  const { join, history } = await recordedRoom()
  const ada = await join('Ada')
  const ben = await join('Ben')
  const cyd = await join('Cyd')
  const old = await join('Old', true)
  await ada.publish('a1', 0, 'a1') // Ada 0: message 1
  await ben.append('b1') // Ben 0: reads 1
  await ben.push('b1') // Ben 1: message 2
  await cyd.publish('c0', 0, 'c0') // Cyd 0: held, reads 1 and 2
  await cyd.publish('c1', 2, 'c1') // Cyd 1: message 3
  await ada.check() // Ada 1: reads 2 and 3
  await ada.publish('a2', 3, 'a2') // Ada 2: message 4
  await ben.append('b2') // Ben 2: reads 3 and 4
  await ben.push('b2') // Ben 3: message 5
  const dan = await join('Dan')
  await old.speak('o1') // Old 0: message 6, crosses 1 to 5
  await cyd.check() // Cyd 2: reads 4, 5 and 6
  await cyd.check() // Cyd 3: reads nothing
  await ada.preview() // Ada 3: reads 5 and 6
  await ada.publish('a1', 0, 'a1') // Ada 4: repeats the answer for message 1
  await ben.preview() // Ben 4: reads 6
  await ben.preview(3) // Ben 5: reads 4 and 6 again
  await ben.push('') // Ben 6: has no draft
  await dan.check() // Dan 0: reads 6
  return history()
}
