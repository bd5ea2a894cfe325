import type { Seq } from '@midsentence/core'

export type CallParams = Record<string, unknown>

/** Makes the calls of a batch. Without keys they send `after`, so that a repetition returns the messages of a lost answer. */
export function batchOf(
  text: string,
  newKey: (() => string) | undefined,
  cursor: Seq,
): readonly (readonly [method: string, params: CallParams])[] {
  const key = () => (newKey ? { key: newKey() } : {})
  const from = newKey ? { after: cursor } : {}
  return [
    ['append', { text, ...key() }],
    ['check', from],
    ['push', key()],
    ['preview', from],
  ]
}
