import { prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect } from 'vitest'
import { crossedBetween } from '../../room/crossed.ts'
import { AuthorIndex } from './author-index.ts'
import { MessageWindow } from './message-window.ts'

const names = fc.constantFrom('a', 'b', 'c')

prop(
  '[H3] a message crossed the messages of others in between, also as the first message of its author',
  [fc.array(names, { maxLength: 300 }), fc.constantFrom('a', 'b', 'unknown'), fc.nat(300)],
  (written, session, base) => {
    const authors = new AuthorIndex()
    for (const name of written) authors.add(name)
    const others = written.flatMap((name, at) => (name === session ? [] : [at + 1]))
    const seq = written.length + 1
    expect(new MessageWindow({ messages: 10, length: 0 }, authors, []).crossed(session, base, seq)).toEqual(
      crossedBetween(others, base, seq),
    )
  },
)

prop(
  '[L5] the index finds what a scan of all messages finds, also after a snapshot',
  [fc.array(fc.tuple(names, fc.integer({ min: 1, max: 5 })), { maxLength: 40 }), fc.nat(150), fc.nat(150), fc.nat(9)],
  (runs, one, other, limit) => {
    const written = runs.flatMap(([name, times]) => Array<string>(times).fill(name))
    const authors = new AuthorIndex()
    for (const [at, name] of written.entries()) {
      authors.add(name)
      // Also where a snapshot ends within a run.
      if (at % 7 === 0) authors.state(at + 1)
    }
    const loaded = AuthorIndex.fromState(JSON.parse(JSON.stringify(authors.state(written.length))))
    const [after, to] = [one, other].map(seq => Math.min(seq, written.length)).sort((a, b) => a - b) as [number, number]
    for (const index of [authors, loaded]) {
      expect(index.count).toBe(written.length)
      for (const session of ['a', 'b', 'unknown']) {
        const others = written.flatMap((name, at) => (name !== session && at >= after && at < to ? [at + 1] : []))
        expect(index.countOthers(session, after, to)).toBe(others.length)
        expect(index.hasOthers(session, after, to)).toBe(others.length > 0)
        expect(index.oldestOthers(session, after, to, limit)).toEqual(others.slice(0, limit))
        expect(index.newestOthers(session, after, to, limit)).toEqual(limit === 0 ? [] : others.slice(-limit))
      }
      for (let seq = 0; seq <= written.length + 1; seq++) expect(index.at(seq)).toBe(written[seq - 1])
    }
  },
)
