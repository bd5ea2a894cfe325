/** What a server has to be like for a transcript; who cannot make it so passes the transcript over. */
export interface GoldenServer {
  /** The room's policy; `hold` where it is left out. */
  readonly policy?: 'hold' | 'annotate'
  /** So many sessions have room. */
  readonly limit?: number
  /** The room lets one read what was said before one's join. */
  readonly history?: true
  /** What the room does with contents: by its text. */
  readonly contents?: Readonly<Record<string, 'refuse' | 'rate-limit' | 'break'>>
  /** Its clock can be moved on: there are steps that pass time. */
  readonly clock?: true
  /** Its log can be told to write no more. */
  readonly failing?: true
  /** Nobody has been in its `lobby`. */
  readonly fresh?: true
  /** It serves old clients, as rule Q1 has it. */
  readonly old_dialect?: true
}

/** One thing that is done, or looked at. Exactly one of its kinds; see the README beside the transcripts. */
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
