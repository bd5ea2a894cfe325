import type { RandomStream } from '../random.ts'

/** How an author reads, thinks and writes. */
export interface WriterTraits {
  /** Time from a call of the model to its first token, besides the time to read, in milliseconds. */
  readonly first_token_ms: number
  /** Tokens that it reads in a second. */
  readonly input_tokens_per_s: number
  /** Tokens that it writes in a second. */
  readonly output_tokens_per_s: number
  /** Probability that it notices news that concern what it is writing, 0 to 1. */
  readonly notices: number
  /** Probability that it revises rightly what it noticed, 0 to 1. Otherwise it keeps text that the news made wrong. */
  readonly repairs: number
  /** Share that it keeps of the text that is still right, when it revises, 0 to 1. */
  readonly keeps: number
}

type Range = readonly [least: number, most: number]

/** Ranges from which each author of a run draws its own values, evenly. */
export type WriterProfile = { readonly [K in keyof WriterTraits]: Range }

/** Characters of a token. */
export const TOKEN_CHARACTERS = 4

export const tokensIn = (text: string): number => Math.ceil(text.length / TOKEN_CHARACTERS)

/** Hosted models of medium size. */
export const hostedModel: WriterProfile = {
  first_token_ms: [300, 900],
  input_tokens_per_s: [2_000, 6_000],
  output_tokens_per_s: [50, 110],
  notices: [0.95, 1],
  repairs: [0.95, 1],
  keeps: [0.8, 1],
}

export const profiles = { hosted: hostedModel } as const satisfies Record<string, WriterProfile>

export function drawWriter(profile: WriterProfile, random: RandomStream): WriterTraits {
  const draw = (key: keyof WriterTraits) => random.between(...profile[key])
  return {
    first_token_ms: draw('first_token_ms'),
    input_tokens_per_s: draw('input_tokens_per_s'),
    output_tokens_per_s: draw('output_tokens_per_s'),
    notices: draw('notices'),
    repairs: draw('repairs'),
    keeps: draw('keeps'),
  }
}
