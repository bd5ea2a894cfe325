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

/**
 * Profiles, each with values that were published. docs/arena.md names the sources, and sweeps what has none: how often news are
 * noticed while writing, and what is kept.
 */
export const profiles = {
  /** Models of an API: 100 to 200 tokens a second, the first after about half a second. */
  hosted: {
    first_token_ms: [450, 750],
    input_tokens_per_s: [5_000, 20_000],
    output_tokens_per_s: [100, 200],
    notices: [0.9, 1],
    repairs: [0.9, 1],
    keeps: [0.7, 1],
  },
  /** Models of about 8 billion parameters on a laptop. */
  local: {
    first_token_ms: [100, 400],
    input_tokens_per_s: [60, 225],
    output_tokens_per_s: [15, 35],
    notices: [0.7, 0.95],
    repairs: [0.7, 0.95],
    keeps: [0.7, 1],
  },
  /** People who type 26 to 78 words a minute and read 175 to 300. */
  people: {
    first_token_ms: [1_000, 3_000],
    input_tokens_per_s: [3.9, 6.7],
    output_tokens_per_s: [0.6, 1.8],
    notices: [0.9, 1],
    repairs: [0.9, 1],
    keeps: [0.9, 1],
  },
} as const satisfies Record<string, WriterProfile>

/** One sentence on each profile. */
export const aboutProfiles: Readonly<Record<keyof typeof profiles, string>> = {
  hosted: 'Models of an API: about 150 tokens a second, the first after half a second.',
  local: 'Models of about 8 billion parameters on a laptop.',
  people: 'People who type 26 to 78 words a minute, and read 175 to 300.',
}

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
