import { mentions } from '@midsentence/client'
import { type Message, nameKey } from '@midsentence/core'
import { isBackchannel } from './backchannel.ts'

/** Conditions on a message. All given conditions must hold; an empty rule matches any message but a backchannel. */
export interface AttentionRule {
  /** Author: a model is recognised by the `meta` that `converse` and the tools send; all other authors are people. */
  readonly from?: 'people' | 'models' | readonly string[]
  /** Content: names the reader, or asks a question. */
  readonly what?: 'mention' | 'question'
  /** Also matches backchannels such as "ok". Default false. */
  readonly backchannels?: boolean
}

/** A list of rules. A message gets attention when it matches any of them. */
export type Attention = readonly AttentionRule[]

export const attentionPresets = {
  /** Any message that is more than an "ok". */
  everybody: [{}],
  /** Messages of people, and messages that name the reader. */
  people: [{ from: 'people' }, { what: 'mention' }],
  /** Messages that name the reader. */
  mentions: [{ what: 'mention' }],
  /** Questions, and messages that name the reader. */
  questions: [{ what: 'question' }, { what: 'mention' }],
  /** Every message, "ok" included. */
  everything: [{ backchannels: true }],
  nobody: [],
} as const satisfies Record<string, Attention>

export type AttentionPreset = keyof typeof attentionPresets

/** Returns the rules of a preset, or the given rules. Throws a `TypeError` that lists the presets. */
export function resolveAttention(attention: Attention | AttentionPreset): Attention {
  const found = typeof attention === 'string' ? attentionPresets[attention] : attention
  if (Array.isArray(found)) return found
  throw new TypeError(
    `There is no attention ${JSON.stringify(attention)}: there are ${Object.keys(attentionPresets).join(', ')}.`,
  )
}

/** Whether `message` matches any rule, for a reader called `name`. */
export const matchesAttention = (attention: Attention, message: Message, name: string): boolean =>
  attention.some(rule => matchesRule(rule, message, name))

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

const sameName = (a: string, b: string) => nameKey(a.normalize('NFKC')) === nameKey(b.normalize('NFKC'))
