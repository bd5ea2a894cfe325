import { readdirSync, readFileSync } from 'node:fs'
import { type GoldenTranscript, rules } from '@midsentence/conformance'
import { describe, expect, test } from 'vitest'
import { dispatcherFor, play, serverFor } from './golden-server.ts'

const folder = new URL('../packages/conformance/golden/', import.meta.url)
const transcripts = readdirSync(folder)
  .filter(file => file.endsWith('.json') && file !== 'vectors.json')
  .map(file => ({ file, transcript: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as GoldenTranscript }))

/** Returns whether a transcript has steps that only an HTTP server can answer. */
const needsHttp = ({ steps }: GoldenTranscript) => steps.some(step => 'http' in step || 'stream' in step)

describe('the dispatcher answers as the transcript says', () => {
  const direct = transcripts.filter(({ transcript }) => !needsHttp(transcript))
  test.for(direct)('$transcript.title', ({ transcript }) => play(transcript, dispatcherFor))
})

describe('the server answers over HTTP as the transcript says', () => {
  test.for(transcripts)('$transcript.title', ({ transcript }) => play(transcript, serverFor))
})

/** Returns `value` with its `nth` leaf changed, or undefined if it has fewer. */
function falsified(value: unknown, nth: number): unknown {
  let left = nth
  let found = false
  const walk = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(walk)
    if (typeof each === 'object' && each !== null) {
      return Object.fromEntries(Object.entries(each).map(([name, inner]) => [name, walk(inner)]))
    }
    if (left-- !== 0) return each
    found = true
    return each === '{absent}' ? null : 'something else'
  }
  const changed = walk(value)
  return found ? changed : undefined
}

describe('a wrong answer fails at its step', () => {
  const direct = transcripts.filter(({ transcript }) => !needsHttp(transcript))
  test.for(direct)('$transcript.title', async ({ transcript }) => {
    for (const [at, step] of transcript.steps.entries()) {
      if (!('expect' in step)) continue
      // One leaf per step, at varying places.
      const expected = falsified(step.expect, at % 7) ?? falsified(step.expect, 0)
      const steps = transcript.steps.with(at, { ...step, expect: expected } as (typeof transcript.steps)[number])
      await expect(play({ ...transcript, steps }, dispatcherFor)).rejects.toThrow(`, step ${at + 1}: `)
    }
  })
})

describe('the transcripts', () => {
  test('have rules, a title and no duplicate', () => {
    const known = new Set<string>(rules.map(({ id }) => id))
    for (const { file, transcript } of transcripts) {
      expect([file, transcript.rules.filter(id => !known.has(id))]).toEqual([file, []])
      expect([file, transcript.rules.length > 0, transcript.title.length > 10]).toEqual([file, true, true])
    }
    expect(new Set(transcripts.map(({ transcript }) => transcript.title)).size).toBe(transcripts.length)
  })

  test('show every error code together', () => {
    const codes = JSON.stringify(transcripts).match(/"code":-?\d+/g)!
    const numbers = [-32700, -32600, -32601, -32602, -32603, 40001, 40003, 40004, 40010, 40011, 40012, 40013]
    expect(numbers.filter(number => !codes.includes(`"code":${number}`))).toEqual([])
  })
})
