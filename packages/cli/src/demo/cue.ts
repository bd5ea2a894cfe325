import type { WriteStream } from 'node:tty'
import type { Pace } from './pace.ts'
import type { Palette } from './palette.ts'

export type Who = 'Claude' | 'GPT'

export type What =
  | 'writes'
  | 'takes back'
  | 'empties'
  | 'waits'
  | 'hears'
  | 'reads'
  | 'pushes'
  | 'held'
  | 'sent'
  | 'trouble'

/** Something that happened to one of those on stage, ready to be shown: `text` has no control characters. */
export interface Cue {
  readonly who: Who
  readonly what: What
  readonly text: string
}

/** Where cues are shown, in the order they came. */
export interface Screen {
  cue(cue: Cue): void
  /** A line that belongs to nobody. */
  note(text: string): void
  /** Resolves when everything so far can be read; rejects when the demo is stopped. */
  shown(): Promise<void>
  /** Shows nothing more, and ends a line that is half there. */
  close(): void
}

export type MakeScreen = (out: WriteStream, palette: Palette, pace: Pace) => Screen
