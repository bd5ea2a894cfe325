import type { Message } from '@midsentence/core'
import { isBackchannel } from './backchannel.ts'

/** A kind of message that claims attention: all that is given has to hold; nothing given means any message. */
export interface AttentionRule {
  /** Who said it. A model's messages are known by what `converse` and the tools send along; all others are people's. */
  readonly from?: 'people' | 'models' | readonly string[]
  /** What it does: names the reader, or asks something. */
  readonly what?: 'mention' | 'question'
  /** Also where it only shows that somebody listens, as "ok". Default false. */
  readonly backchannels?: boolean
}

/** Who and what claims attention: a message that fits any of the claims. None: nothing does. */
export type Attention = readonly AttentionRule[]

/** The usual kinds of attention, by name. */
export const attentionPresets = {
  /** Whoever says something, unless it is a mere "ok". */
  everybody: [{}],
  /** People, and whoever names the reader. */
  people: [{ from: 'people' }, { what: 'mention' }],
  /** Whoever names the reader. */
  mentions: [{ what: 'mention' }],
  /** Whoever asks something, or names the reader. */
  questions: [{ what: 'question' }, { what: 'mention' }],
  /** Every message, "ok" too. */
  everything: [{ backchannels: true }],
  nobody: [],
} as const satisfies Record<string, Attention>

export type AttentionPreset = keyof typeof attentionPresets

/** What is meant by a name, or by claims. Throws a `TypeError` that says what there is. */
export function resolveAttention(attention: Attention | AttentionPreset): Attention {
  const found = typeof attention === 'string' ? attentionPresets[attention] : attention
  if (Array.isArray(found)) return found
  throw new TypeError(
    `There is no attention ${JSON.stringify(attention)}: there are ${Object.keys(attentionPresets).join(', ')}.`,
  )
}

/** Does `message` claim the attention of `name`? */
export const matchesAttention = (attention: Attention, message: Message, name: string): boolean =>
  attention.some(claim => matchesRule(claim, message, name))

function matchesRule({ from, what, backchannels = false }: AttentionRule, message: Message, name: string): boolean {
  const { content, sender_id, meta } = message
  const model = meta?.by === 'model'
  if (from === 'people' && model) return false
  if (from === 'models' && !model) return false
  if (Array.isArray(from) && !from.some(other => sameName(other, sender_id))) return false
  if (what === 'mention') return mentions(content, name)
  if (what === 'question') return /[?？؟]/.test(content)
  return backchannels || !isBackchannel(content)
}

/** Is `name` named in `content`, as a word of its own, whatever its case? */
export function mentions(content: string, name: string): boolean {
  const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}_])${pattern}(?![\\p{L}\\p{N}_])`, 'iu').test(content)
}

const sameName = (a: string, b: string) => a.normalize('NFKC').toLowerCase() === b.normalize('NFKC').toLowerCase()
