import type { ErrorCode, ErrorData } from '@midsentence/core'

/** What one server asks of another, or tells it. `id`s are the asking server's. */
export type Item =
  /** Runs `method`. With `id`, it is answered. `snapshot`: calls with the same number know what the first of them knew. */
  | {
      readonly t: 'call'
      readonly id?: number
      readonly room: string
      readonly method: string
      readonly args: readonly unknown[]
      readonly token?: string
      readonly options?: CarriedOptions
    }
  | { readonly t: 'done'; readonly id: number; readonly value?: unknown }
  | { readonly t: 'failed'; readonly id: number; readonly error: CarriedError }
  /** The receiver has not the room, and has done nothing. */
  | { readonly t: 'moved'; readonly id: number }
  /** The caller of a call is gone. */
  | { readonly t: 'cancel'; readonly id: number }
  /** An event of streams. Those that are at the same place share it. */
  | { readonly t: 'event'; readonly streams: number[]; readonly kind: string; readonly value: unknown }
  /** A stream goes on: at first, after a pause, or since `taken` events arrived. */
  | { readonly t: 'resume'; readonly stream: number; readonly taken?: number }
  | { readonly t: 'close'; readonly stream: number }

export interface CarriedOptions {
  readonly notification?: boolean
  readonly mayWait?: boolean
  readonly concurrent?: boolean
  readonly snapshot?: number
  readonly cursorSnapshot?: { readonly cursor: number; readonly shown: number }
}

export interface CarriedError {
  readonly code: ErrorCode
  readonly message: string
  readonly data: ErrorData
}

/** A message between two servers. */
export interface Frame {
  readonly from: string
  /** The series of frames this one belongs to, and its number in it, from 0. */
  readonly series: string
  readonly n: number
  /** The receiver's series, as the sender knows it. */
  readonly sees?: string
  /** A series of the receiver of which frames were lost: nothing of it is taken any more. */
  readonly lost?: string
  /** It is sent to show losses, and asks for one in return. */
  readonly beat?: true
  readonly items: readonly Item[]
}

export const encodeFrame = (frame: Frame): Uint8Array => Buffer.from(JSON.stringify(frame))

/** Reads a frame of another server of the same cluster. */
export const decodeFrame = (bytes: Uint8Array): Frame => JSON.parse(Buffer.from(bytes).toString())
