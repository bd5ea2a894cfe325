/** Requirements of a transcript on the server. A player that cannot meet them skips the transcript. */
export interface GoldenServer {
  /** The room's policy. Default `hold`. */
  readonly policy?: 'hold' | 'annotate'
  /** The maximum number of sessions. */
  readonly limit?: number
  /** Participants may read messages from before their join. */
  readonly history?: true
  /** Outcome of the content policy by text. */
  readonly contents?: Readonly<Record<string, 'refuse' | 'rate-limit' | 'break'>>
  /** The transcript has steps that advance the clock. */
  readonly clock?: true
  /** The transcript makes the log fail. */
  readonly failing?: true
  /** No participant has joined `lobby` yet. */
  readonly fresh?: true
  /** The server has the legacy dialect (rule Q1). */
  readonly old_dialect?: true
}

/** One step. golden/README.md describes each kind. */
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

/** A conversation with a server: the content of a file in `golden/`. */
export interface GoldenTranscript {
  readonly title: string
  /** Ids of the rules that it shows. */
  readonly rules: readonly string[]
  readonly server?: GoldenServer
  readonly steps: readonly GoldenStep[]
}
