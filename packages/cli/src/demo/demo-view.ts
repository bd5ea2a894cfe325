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

/** An event of a demo participant. `text` holds no control characters. */
export interface DemoEvent {
  readonly name: DemoName
  readonly type: DemoEventType
  readonly text: string
}

/** Output of the demo. Shows events in the order of the calls. */
export interface DemoView {
  show(event: DemoEvent): void
  /** Shows a comment of the narrator. */
  note(text: string): void
  /** Resolves when every event so far is printed. Rejects when the demo is aborted. */
  settled(): Promise<void>
  /** Ends a half-printed line and ignores later events. */
  close(): void
}

export type OpenDemoView = (out: WriteStream, palette: Palette, timing: Timing) => DemoView
