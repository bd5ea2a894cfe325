/** One event as a stream brought it, by the rules of server-sent events. */
export interface StreamEvent {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** An event stream that somebody reads. */
export interface OpenEventStream {
  /** 200 where it is one. */
  readonly status: number
  /** What came so far, in order. */
  readonly events: readonly StreamEvent[]
  close(): Promise<void>
}

export interface EventStreamRequest {
  readonly room: string
  readonly token?: string
  readonly after?: number | string
  readonly lastEventId?: number | string
}

/** A server for one case, reached as its callers reach it. Fresh each time; nothing of it outlives `close`. */
export interface ServerHarness {
  /** A room that nobody else uses. */
  readonly room: string
  /** Sends one JSON-RPC text as the holder of `token`, and gives the text that was answered; undefined where none was. */
  send(text: string, token?: string): Promise<string | undefined>
  /** Opens an event stream. Absent where the server is reached without. */
  stream?(request: EventStreamRequest): Promise<OpenEventStream>
  /** Sends as `send` does, for a caller that will not wait: the answer hangs up. Absent where callers cannot. */
  abandon?(text: string, token: string): () => Promise<void>
  /** A room that nobody else uses and whose policy is `annotate`. Absent where there is none. */
  readonly annotating?: string
  /** Lets everything under way arrive. */
  settle(): Promise<void>
  /** Every call ends by itself, with an error where nothing answers: nobody has to settle for that. */
  readonly bounded?: boolean
  /** Moves the server's clock on. Absent: it lives on the real one, and rules about long times are not tried. */
  pass?(ms: number): Promise<void>
  /**
   * The server dies from one moment to the next, with what is under way, and is started anew over what it kept; `send`
   * then reaches the new one. Absent where nothing outlives it, or nobody can kill it.
   */
  restart?(): Promise<void>
  /** Is told why its case failed, before `close`. */
  failed?(error: unknown): void
  close(): Promise<void>
}

/** Makes a bench, fresh for each case. */
export type ServerSetup = () => ServerHarness | Promise<ServerHarness>

/** What a bench may be able to do besides. */
export type ServerAbility = 'stream' | 'pass' | 'abandon' | 'annotating' | 'restart'
