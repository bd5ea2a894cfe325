import {
  type Clock,
  defaultPolicy,
  defaultRoomSettings,
  type Message,
  memoryLog,
  type Policy,
  type RoomLog,
  type RoomSettings,
  systemClock,
} from '@midsentence/core'
import { type Hub, openHub, type SessionTimes } from '@midsentence/core/hub'
import { type MockPeer, mockPeer, type PeerOptions } from './mock-peer.ts'
import { RoomTranscript } from './room-transcript.ts'
import type { Gate } from './simulated-link.ts'

export interface MockRoomOptions {
  /** Default `lobby`. */
  readonly room?: string
  readonly clock?: Clock
  readonly policy?: Policy
  readonly log?: RoomLog
  /** Latency of a frame in milliseconds. Default 0: it arrives with the next timer. */
  readonly latency?: number
  /**
   * Called for each frame. If it returns a promise, the frame arrives when that resolves, after earlier frames; if it
   * returns undefined, the frame arrives by the clock. For tests that choose the order, such as with `fc.scheduler`.
   */
  readonly gate?: Gate
  /** Session lifetimes of the hub. Default: those of `openHub`. */
  readonly times?: Partial<SessionTimes>
  /** How many of the newest messages the hub keeps in memory. Default: that of `openHub`. */
  readonly tail?: number
}

/**
 * A room of an in-process hub. Its peers are transports, and a test can drop, duplicate, delay and reorder the frames
 * between peer and room, or cut the connection. Works with a virtual clock and with the system clock.
 */
export class MockRoom {
  readonly name: string
  readonly clock: Clock
  readonly log: RoomLog
  readonly settings: RoomSettings
  readonly latency: number
  readonly gate: Gate
  readonly #policy: Policy
  readonly #times: Partial<SessionTimes>
  readonly #tail: { readonly tail?: number }
  readonly #transcript: RoomTranscript
  #hub: Promise<Hub> | undefined

  constructor({ room, clock, policy, log, latency, gate, times, tail }: MockRoomOptions) {
    this.name = room ?? 'lobby'
    this.clock = clock ?? systemClock()
    this.log = log ?? memoryLog()
    this.latency = latency ?? 0
    this.gate = gate ?? (() => undefined)
    this.#policy = policy ?? defaultPolicy
    this.#times = times ?? {}
    this.#tail = tail === undefined ? {} : { tail }
    this.settings = { ...defaultRoomSettings, ...this.#policy.room(this.name) }
    this.#transcript = new RoomTranscript(this.log, this.name)
  }

  /** Creates a transport for one participant, with its own connection to inject faults into. */
  peer(options: PeerOptions = {}): MockPeer {
    return mockPeer(this, options)
  }

  /** All messages so far, by seq. */
  get messages(): readonly Message[] {
    return this.#transcript.messages
  }

  /** The hub of this room, for participants without a simulated connection. Opened by the first call or the first join. */
  get hub(): Promise<Hub> {
    this.#hub ??= this.#open()
    return this.#hub
  }

  async #open(): Promise<Hub> {
    await this.#transcript.load()
    return openHub({
      log: this.#transcript.log,
      clock: this.clock,
      policy: this.#policy,
      times: this.#times,
      ...this.#tail,
    })
  }
}

/**
 * Creates a room of an in-process hub, whose peers are transports with injectable faults.
 *
 * @example
 * const room = mockRoom({ clock: virtualClock(), latency: 5 })
 * const ada = await join({ transport: room.peer(), username: 'Ada' })
 */
export const mockRoom = (options: MockRoomOptions = {}): MockRoom => new MockRoom(options)
