import type { Position, SnapshotStore } from '../../ports/room-log.ts'
import type { RoomIndexState } from './room-index.ts'

/** A snapshot is due behind this share of all messages too: what has grown long is not written out all the time. */
const SHARE = 0.1

/** Leaves a snapshot of a room's ledger now and then, and when it closes. */
export class Snapshotter {
  readonly #room: string
  readonly #snapshots: SnapshotStore
  readonly #records: number
  readonly #state: () => RoomIndexState
  #position: Position | undefined
  #since = 0
  #saving: Promise<void> | undefined

  /** One is due behind so many `records`. */
  constructor(room: string, snapshots: SnapshotStore, records: number, state: () => RoomIndexState) {
    this.#room = room
    this.#snapshots = snapshots
    this.#records = records
    this.#state = state
  }

  /** So many more records are written, up to `position`, of a room with `messages` messages. */
  written(records: number, position: Position, messages: number): void {
    this.#since += records
    this.#position = position
    if (this.#saving || this.#since < Math.max(this.#records, messages * SHARE)) return
    this.#saving = this.#save().finally(() => {
      this.#saving = undefined
    })
  }

  /** Leaves the last one. */
  async close(): Promise<void> {
    await this.#saving
    if (this.#since > 0) await this.#save()
  }

  /** Failing is no harm: what is not saved is read again from the log. */
  async #save(): Promise<void> {
    this.#since = 0
    const snapshot = { position: this.#position!, state: this.#state() }
    await this.#snapshots.save(this.#room, snapshot).catch(() => undefined)
  }
}
