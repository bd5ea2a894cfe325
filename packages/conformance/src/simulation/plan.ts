import type { RoomSettings } from '@midsentence/core'

/** How long a request and its response travel, in milliseconds. null: lost. */
export interface NetworkFault {
  readonly requestMs: number | null
  readonly responseMs: number | null
  /** The request arrives a second time, this much later. */
  readonly duplicateMs?: number
  /** The caller disconnects after this time. The server notices, and the response is lost. */
  readonly abortMs?: number
}

/**
 * How a client takes part. `keyed`: hosted draft, each call has a key and is repeated until it is answered. `unkeyed`:
 * hosted draft without keys; a lost call is not repeated. `local`: the participant of core, which keeps its own draft,
 * over a connection that breaks and recovers. `legacy`: sends at once and ignores holds.
 */
export type ClientKind = 'keyed' | 'unkeyed' | 'local' | 'legacy'

export interface PlannedClient {
  readonly name: string
  readonly kind: ClientKind
  /** Stops reading its stream for this many milliseconds now and then. Gives a hosted client a stream too. */
  readonly stallMs?: number
  /** The faults of its next joins and resumes after its first join. Later ones have none. */
  readonly joinFaults?: readonly NetworkFault[]
}

export type PlannedActionKind =
  | 'append'
  | 'undo'
  | 'reset'
  | 'preview'
  | 'push'
  | 'publish'
  | 'check'
  | 'push-until-sent'
  /** Pushes until it has the floor, then sends nothing. */
  | 'hold-floor'
  | 'yield'
  | 'leave'
  | 'batch'
  | 'notify'
  | 'who'

/** One action of a client. */
export interface PlannedAction {
  /** Part of each text that the action writes, so that every text is unique. */
  readonly id: number
  /** Milliseconds from the start. The action begins later if the client still waits for an answer. */
  readonly at: number
  /** The index of the client. */
  readonly client: number
  readonly kind: PlannedActionKind
  /** Sends an `after` this far below its cursor, to receive messages again. */
  readonly rewindBy?: number
  readonly timeout_ms?: number
  /** The index of the server that its calls reach. Default: any server that is up, another one at each attempt. */
  readonly server?: number
  /** The faults of the first attempts. Later attempts have none. */
  readonly networkFaults: readonly NetworkFault[]
}

/** A fault of the server or of a client's connection. `at`, `down` and `ms` are in milliseconds. */
export type PlannedFault =
  /** The server crashes and starts again after `down`. Of the unflushed writes, `room` and `sessions` writes survive. */
  | {
      readonly type: 'crash'
      readonly at: number
      readonly down: number
      readonly room: number
      readonly sessions: number
    }
  /** The server closes cleanly and starts again after `down`. */
  | { readonly type: 'restart'; readonly at: number; readonly down: number }
  /** A client's stream breaks for `ms`. `silent`: the server does not notice. */
  | {
      readonly type: 'disconnect'
      readonly at: number
      readonly client: number
      readonly ms: number
      readonly silent?: true
    }
  /** A client's process is killed and starts again with its journal after `down`. */
  | { readonly type: 'kill'; readonly at: number; readonly client: number; readonly down: number }
  /** A client's device sleeps for `ms`: nothing of it runs and nothing arrives, and its timers fire late. */
  | {
      readonly type: 'sleep'
      readonly at: number
      readonly client: number
      readonly ms: number
      /** Its monotonic clock stops meanwhile. */
      readonly clockStops?: true
    }
  /** A client's stream looks open on both sides, but for `ms` nothing arrives. Each side notices after its idle time. */
  | { readonly type: 'half-open'; readonly at: number; readonly client: number; readonly ms: number }
  /** The server loses a client's session, and nothing else. */
  | { readonly type: 'forget'; readonly at: number; readonly client: number }
  /**
   * For `ms` somebody tries to join under a client's name, which succeeds while that is free. Then it sends a message, and
   * stays to the end or leaves.
   */
  | {
      readonly type: 'take-name'
      readonly at: number
      readonly client: number
      readonly ms: number
      readonly stays?: true
    }
  /** The server's wall clock jumps by `by` milliseconds. */
  | { readonly type: 'clock-jump'; readonly at: number; readonly by: number }

/** A fault of one server of a cluster, by its index. `at`, `down` and `ms` are in milliseconds. */
export type ClusterFault =
  /** Its process is killed, and another one starts after `down`. */
  | { readonly type: 'kill-server'; readonly at: number; readonly server: number; readonly down: number }
  /** Its process is stopped for `ms`: nothing of it runs, while its clock goes on. Then it goes on. */
  | { readonly type: 'stop-server'; readonly at: number; readonly server: number; readonly ms: number }
  /** It hands its rooms over and ends, and another process starts after `down`. */
  | { readonly type: 'drain-server'; readonly at: number; readonly server: number; readonly down: number }
  /** For `ms` nothing passes between it and a service of the cluster. */
  | {
      readonly type: 'cut-server'
      readonly at: number
      readonly server: number
      readonly ms: number
      readonly from: ClusterService
    }
  /** For `ms` its requests to a service take `requestMs` to arrive, and their answers `answerMs`. null: lost. */
  | {
      readonly type: 'slow-server'
      readonly at: number
      readonly server: number
      readonly ms: number
      readonly from: ClusterService
      readonly requestMs: number | null
      readonly answerMs: number | null
    }

export type ClusterService = 'logs' | 'directory' | 'bus'

/** How often a request to a service, or its answer, is lost or slow. */
export interface ServiceFaults {
  readonly lostPercent: number
  readonly slowPercent: number
  /** How slow it is at most, in milliseconds. */
  readonly slowMs: number
}

/** The servers of a cluster, and the services that they share. */
export interface PlannedCluster {
  /** How fast the clock of each server runs; 1 is right. */
  readonly speeds: readonly number[]
  readonly services: Readonly<Record<ClusterService, ServiceFaults>>
  /** How old a list of the servers is at most, in milliseconds. */
  readonly staleMs: number
  /** How long a client waits for an answer, besides what the call may wait, before it asks at any server again. */
  readonly giveUpMs: number
}

/** Everything that happens in one simulation, as JSON. The same plan gives the same run each time. */
export interface SimulationPlan {
  readonly seed: number
  readonly settings: Partial<RoomSettings>
  /** How long a flush takes. */
  readonly flush_ms: number
  /** How many message texts the hub keeps in memory. */
  readonly tail: number
  /** After how many records, or facts, the hub writes a snapshot. */
  readonly snapshotEvery: { readonly records: number; readonly facts: number }
  /** How many sessions may have a place in the room. Default: no limit. */
  readonly limit?: number
  /** How long a session lives after its last use, in milliseconds. Default: a day. */
  readonly session_ms?: number
  readonly clients: readonly PlannedClient[]
  readonly actions: readonly PlannedAction[]
  readonly faults: readonly (PlannedFault | ClusterFault)[]
  /** Absent: one server with its own logs. */
  readonly cluster?: PlannedCluster
}
