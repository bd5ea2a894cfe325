import { isMidsentenceError, MidsentenceError, type Snapshot } from '@midsentence/core'
import type { SubjectLog } from '../entries/subject-log.ts'
import { parsePosition } from './positions.ts'

/** A snapshot as it is stored. */
interface SnapshotEntry extends Snapshot {
  /** Stream sequence of the end of the room's log at `position`, and the seq of the newest message there. */
  readonly end?: { readonly sequence: number; readonly mark: number }
}

/** The snapshots of one room. */
export interface RoomSnapshots {
  load(): Promise<Snapshot | undefined>
  save(snapshot: Snapshot): Promise<void>
  /** Bytes of the newest one, as far as this server wrote it. */
  bytes(): number
}

/** Stores the snapshots of a room in a separate subject. A newer one is not replaced by an older one. */
export function snapshotStore(log: SubjectLog, snapshots: SubjectLog): RoomSnapshots {
  let bytes = 0
  return {
    bytes: () => bytes,
    load: () =>
      snapshots.run(async () => {
        const { records } = await snapshots.load()
        if (records === 0) return undefined
        const found = await readSnapshot(snapshots).catch(error => {
          if (isMidsentenceError(error) && error.code === 'internal') return undefined
          throw error
        })
        const position = found && parsePosition(found.position)
        if (!found || position === undefined || position > log.state.records) return undefined
        if (found.end) log.remember({ records: position, ...found.end })
        return { position: found.position, state: found.state }
      }),
    save: ({ position, state }) =>
      snapshots.run(async () => {
        const at = parsePosition(position) ?? 0
        if (snapshots.state.mark > at) throw new MidsentenceError('unavailable', 'A newer snapshot is stored.')
        const end = log.endAt(at)
        const stored: SnapshotEntry = end ? { position, state, end } : { position, state }
        try {
          bytes = await snapshots.rewrite([stored], at, snapshots.state.records + 1)
        } catch (error) {
          snapshots.forget()
          throw error
        }
      }),
  }
}

/** Reads the newest snapshot of a loaded subject. Throws `internal` if it is damaged. */
export async function readSnapshot(snapshots: SubjectLog): Promise<SnapshotEntry | undefined> {
  const { records } = snapshots.state
  for await (const group of snapshots.groups('records', records - 1, 1)) return group.records[0] as SnapshotEntry
  return undefined
}
