/** One event of a stream, by the standard of server-sent events. */
export interface StreamEvent {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** An open event stream. */
export interface OpenEventStream {
  /** HTTP status: 200 if the stream is open. */
  readonly status: number
  /** The events so far, in order. */
  readonly events: readonly StreamEvent[]
  close(): Promise<void>
}

export interface EventStreamRequest {
  readonly room: string
  readonly token?: string
  readonly after?: number | string
  readonly lastEventId?: number | string
}

export interface ScoreStreamRequest {
  readonly room: string
  readonly from?: number | string
  readonly lastEventId?: number | string
}

/** A server for one case, reached as its callers reach it. New for each case; `close` frees everything. */
export interface ServerHarness {
  /** A room that no other case uses. */
  readonly room: string
  /** Sends one JSON-RPC text with `token`. Resolves with the text of the answer; undefined if there is none. */
  send(text: string, token?: string): Promise<string | undefined>
  /** Opens an event stream. Absent: rules about streams are skipped. */
  stream?(request: EventStreamRequest): Promise<OpenEventStream>
  /** Watches a score, with the events of server-sent events. Absent: rules about scores are skipped. */
  score?(request: ScoreStreamRequest): Promise<OpenEventStream>
  /** Asks for the list of rooms. Absent: the rule about it is skipped. */
  rooms?(): Promise<unknown>
  /** Sends as `send` does and returns a function that aborts the request. Absent: the rule about it is skipped. */
  abandon?(text: string, token: string): () => Promise<void>
  /** A room that no other case uses, whose policy is `annotate`. Absent: rules about it are skipped. */
  readonly annotating?: string
  /** A room that no other case uses, whose drafts observers see. Absent: rules about it are skipped. */
  readonly observable?: string
  /** A room that no other case uses, which is observable, recorded and listed. Absent: rules about it are skipped. */
  readonly recorded?: string
  /** A room that no other case uses, which shows its history. Absent: rules about it are skipped. */
  readonly history?: string
  /** A text that the content policy refuses. Absent: the rule about it is skipped. */
  readonly refused?: string
  /** Drops the messages of `room` below a seq, as retention does. Absent: rules about it are skipped. */
  forget?(below: number): void | Promise<void>
  /** Lets everything arrive that is on its way. */
  settle(): Promise<void>
  /** Whether every call ends by itself, with an error if no answer comes. The kit then adds no limit. */
  readonly bounded?: boolean
  /** Advances the server's clock. Absent: it is the real one, and rules about long times are skipped. */
  pass?(ms: number): Promise<void>
  /**
   * Kills the server with all calls in flight, and starts a new one over its data. `send` then reaches the new one.
   * Absent: rules about restarts are skipped.
   */
  restart?(): Promise<void>
  /** Receives the error of a failed case, before `close`. */
  failed?(error: unknown): void
  close(): Promise<void>
}

/** Makes a new harness for each case. */
export type ServerSetup = () => ServerHarness | Promise<ServerHarness>

/** Optional members of a harness that rules need. */
export type ServerAbility =
  | 'stream'
  | 'pass'
  | 'abandon'
  | 'annotating'
  | 'observable'
  | 'recorded'
  | 'score'
  | 'rooms'
  | 'history'
  | 'refused'
  | 'forget'
  | 'restart'
