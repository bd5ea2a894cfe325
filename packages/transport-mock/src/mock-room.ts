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
import type { Gate } from './network.ts'
import { Transcript } from './transcript.ts'

export interface MockRoomOptions {
  /** Default `lobby`. */
  readonly room?: string
  readonly clock?: Clock
  readonly policy?: Policy
  readonly log?: RoomLog
  /** How long a frame travels, in milliseconds. Default 0: it arrives with the next timer. */
  readonly latency?: number
  /**
   * Asked for each frame: it arrives once the answer resolves, whatever the clock says, behind those before it on its
   * way; undefined: as usual. For tests that bring frames in an order of their own, as `fc.scheduler` does.
   */
  readonly gate?: Gate
  /** How long the room remembers whom it does not hear. Default: as every hub does. */
  readonly times?: Partial<SessionTimes>
}

/**
 * A room of a hub in this process, with every rule applied for real. Its peers are transports; what travels between them
 * and the room can be dropped, duplicated, delayed, reordered and cut by a script, on a virtual clock as on the real one.
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
  readonly #transcript: Transcript
  #hub: Promise<Hub> | undefined

  constructor({ room, clock, policy, log, latency, gate, times }: MockRoomOptions) {
    this.name = room ?? 'lobby'
    this.clock = clock ?? systemClock()
    this.log = log ?? memoryLog()
    this.latency = latency ?? 0
    this.gate = gate ?? (() => undefined)
    this.#policy = policy ?? defaultPolicy
    this.#times = times ?? {}
    this.settings = { ...defaultRoomSettings, ...this.#policy.room(this.name) }
    this.#transcript = new Transcript(this.log, this.name)
  }

  /** A transport for one participant, with a line of its own to play faults on. */
  peer(options: PeerOptions = {}): MockPeer {
    return mockPeer(this, options)
  }

  /** All messages so far, in the room's order. */
  get messages(): readonly Message[] {
    return this.#transcript.messages
  }

  /** The hub this is a room of, for those who come by no line. Opened with the first call, or by the first to join. */
  get hub(): Promise<Hub> {
    this.#hub ??= this.#open()
    return this.#hub
  }

  async #open(): Promise<Hub> {
    await this.#transcript.begin()
    return openHub({ log: this.#transcript.log, clock: this.clock, policy: this.#policy, times: this.#times })
  }
}

/** A room in this process; its peers are transports. */
export const mockRoom = (options: MockRoomOptions = {}): MockRoom => new MockRoom(options)
