/** The server that a transcript needs. A player that cannot provide it skips the transcript. */
export interface GoldenServer {
  /** The policy of the room. Default `hold`. */
  readonly policy?: 'hold' | 'annotate'
  /** Maximum number of sessions. */
  readonly limit?: number
  /** The room lets participants read messages from before their join. */
  readonly history?: true
  /** What the content policy does, by message content. */
  readonly contents?: Readonly<Record<string, 'refuse' | 'rate-limit' | 'break'>>
  /** Its clock is virtual: some steps advance it. */
  readonly clock?: true
  /** Its log can be made to fail. */
  readonly failing?: true
  /** No session has ever joined `lobby`. */
  readonly fresh?: true
  /** It serves legacy clients (rule Q1). */
  readonly old_dialect?: true
}

/** One action or check. See the README beside the transcripts. */
export type GoldenStep =
  | { readonly send: unknown; readonly as?: string; readonly expect: unknown }
  | { readonly begin: string; readonly send: unknown; readonly as?: string }
  | { readonly end: string; readonly expect: unknown }
  | { readonly http: GoldenRequest; readonly expect: { readonly status: number; readonly body?: unknown } }
  | {
      readonly stream: string
      readonly as?: string
      readonly after?: number | string
      readonly last_event_id?: number | string
      readonly status: number
    }
  | { readonly events: string; readonly expect: readonly unknown[] }
  | { readonly close: string }
  | { readonly pass_ms: number }
  | { readonly stop_writing: true }

export interface GoldenRequest {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A conversation with a server, as a file in `golden/` has it. */
export interface GoldenTranscript {
  readonly title: string
  /** The rules it shows, by id. */
  readonly rules: readonly string[]
  readonly server?: GoldenServer
  readonly steps: readonly GoldenStep[]
}
