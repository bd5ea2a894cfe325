import { put, type StoreChange } from '../storage/change.ts'
import { roomHeadKey } from '../storage/keys.ts'
import type { StoreContext } from '../storage/store-context.ts'
import { newHead, type RoomHead, readHead } from './room-head.ts'

/** How many heads of rooms stay in memory once they are on disk: reading one takes as long as a third of an append. */
const HEADS_KEPT = 1000

/** The head of each room after all calls so far. In memory are heads on their way to the disk, and the newest others. */
export class RoomHeads {
  readonly #context: StoreContext
  readonly #moving = new Map<string, RoomHead>()
  /** Heads on disk, the newest last. */
  readonly #recent = new Map<string, RoomHead>()

  constructor(context: StoreContext) {
    this.#context = context
  }

  get(room: string): RoomHead {
    return this.#moving.get(room) ?? this.#recent.get(room) ?? readHead(this.#context, room) ?? newHead
  }

  /** Sets the head of a room that an import starts. It stays in memory until the first append. */
  start(room: string, head: RoomHead): void {
    this.#moving.set(room, head)
  }

  /** Moves the head of `room` together with `changes`. Resolves once they are on disk. */
  async move(room: string, head: RoomHead, changes: StoreChange[]): Promise<void> {
    this.#moving.set(room, head)
    changes.push(put(roomHeadKey(room), head))
    await this.#context.writer.write(changes)
    // A later call may have moved it meanwhile.
    if (this.#moving.get(room) !== head) return
    this.#moving.delete(room)
    this.#recent.delete(room)
    this.#recent.set(room, head)
    if (this.#recent.size > HEADS_KEPT) this.#recent.delete(this.#recent.keys().next().value!)
  }
}
