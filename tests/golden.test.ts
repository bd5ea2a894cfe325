import { readdirSync, readFileSync } from 'node:fs'
import { type GoldenTranscript, rules } from '@midsentence/conformance'
import { describe, expect, test } from 'vitest'
import { dispatcherFor, played, serverFor } from './golden-server.ts'

const folder = new URL('../packages/conformance/golden/', import.meta.url)
const transcripts = readdirSync(folder)
  .filter(file => file.endsWith('.json') && file !== 'vectors.json')
  .map(file => ({ file, transcript: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as GoldenTranscript }))

/** What only a server with HTTP and streams can be asked. */
const needsHttp = ({ steps }: GoldenTranscript) => steps.some(step => 'http' in step || 'stream' in step)

describe('played to the hub, by its dispatcher', () => {
  const direct = transcripts.filter(({ transcript }) => !needsHttp(transcript))
  test.for(direct)('$transcript.title', ({ transcript }) => played(transcript, dispatcherFor))
})

describe('played to our server, over HTTP', () => {
  test.for(transcripts)('$transcript.title', ({ transcript }) => played(transcript, serverFor))
})

/** `value` with its `nth` leaf made another; undefined where it has fewer. */
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

describe('an answer that is another is found out, wherever in the transcript', () => {
  const direct = transcripts.filter(({ transcript }) => !needsHttp(transcript))
  test.for(direct)('$transcript.title', async ({ transcript }) => {
    for (const [at, step] of transcript.steps.entries()) {
      if (!('expect' in step)) continue
      // Each step is falsified once, each in another place.
      const expected = falsified(step.expect, at % 7) ?? falsified(step.expect, 0)
      const steps = transcript.steps.with(at, { ...step, expect: expected } as (typeof transcript.steps)[number])
      await expect(played({ ...transcript, steps }, dispatcherFor)).rejects.toThrow(`, step ${at + 1}: `)
    }
  })
})

describe('a transcript', () => {
  test('names its rules, and a file of its own', () => {
    const known = new Set<string>(rules.map(({ id }) => id))
    for (const { file, transcript } of transcripts) {
      expect([file, transcript.rules.filter(id => !known.has(id))]).toEqual([file, []])
      expect([file, transcript.rules.length > 0, transcript.title.length > 10]).toEqual([file, true, true])
    }
    expect(new Set(transcripts.map(({ transcript }) => transcript.title)).size).toBe(transcripts.length)
  })

  test('all together show every error there is', () => {
    const codes = JSON.stringify(transcripts).match(/"code":-?\d+/g)!
    const numbers = [-32700, -32600, -32601, -32602, -32603, 40001, 40003, 40004, 40010, 40011, 40012, 40013]
    expect(numbers.filter(number => !codes.includes(`"code":${number}`))).toEqual([])
  })
})
