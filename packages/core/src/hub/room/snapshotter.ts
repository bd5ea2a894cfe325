import type { Position, SnapshotStore } from '../../ports/room-log.ts'
import type { LoadedRoom } from './load-room.ts'
import type { RoomIndexState } from './room-index.ts'

/** Least interval between snapshots, as a share of all messages: a long room writes large ones less often. */
const MIN_SHARE = 0.1

/** Saves snapshots of a room's index at an interval, when the log asks for one, and when the room closes. */
export class Snapshotter {
  readonly #room: string
  readonly #snapshots: SnapshotStore
  readonly #interval: number
  readonly #state: () => RoomIndexState
  #position: Position
  #recordsSince: number
  #saving: Promise<void> | undefined

  /** `interval` is in records. The records that loading the room had to read count. */
  constructor(
    room: string,
    snapshots: SnapshotStore,
    interval: number,
    { position, recordsRead }: Pick<LoadedRoom, 'position' | 'recordsRead'>,
    state: () => RoomIndexState,
  ) {
    this.#position = position
    this.#recordsSince = recordsRead
    this.#room = room
    this.#snapshots = snapshots
    this.#interval = interval
    this.#state = state
  }

  /** Counts written records, up to `position`, of a room with `messages` messages. Starts a snapshot if one is due. */
  written(records: number, position: Position, messages: number): void {
    this.#recordsSince += records
    this.#position = position
    if (this.#saving) return
    const isDue = this.#recordsSince >= Math.max(this.#interval, messages * MIN_SHARE)
    if (!isDue && !this.#snapshots.due?.(this.#room)) return
    this.#saving = this.#save().finally(() => {
      this.#saving = undefined
    })
  }

  /** Saves the last snapshot. */
  async close(): Promise<void> {
    await this.#saving
    if (this.#recordsSince > 0) await this.#save()
  }

  /** Ignores failures: the records after the newest snapshot are read again from the log. */
  async #save(): Promise<void> {
    this.#recordsSince = 0
    const snapshot = { position: this.#position, state: this.#state() }
    await this.#snapshots.save(this.#room, snapshot).catch(() => undefined)
  }
}
