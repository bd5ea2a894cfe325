import type { WriteStream } from 'node:tty'
import type { Palette } from '../palette.ts'
import type { Timing } from './timing.ts'

export type DemoName = 'Claude' | 'GPT'

export type DemoEventType =
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
export interface DemoEvent {
  readonly name: DemoName
  readonly type: DemoEventType
  readonly text: string
}

/** Where cues are shown, in the order they came. */
export interface DemoView {
  show(cue: DemoEvent): void
  /** A line that belongs to nobody. */
  note(text: string): void
  /** Resolves when everything so far can be read; rejects when the demo is stopped. */
  settled(): Promise<void>
  /** Shows nothing more, and ends a line that is half there. */
  close(): void
}

export type OpenDemoView = (out: WriteStream, palette: Palette, pace: Timing) => DemoView
