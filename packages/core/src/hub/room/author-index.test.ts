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
    expect(new MessageWindow(10, authors, []).crossed(session, base, seq)).toEqual(crossedBetween(others, base, seq))
  },
)
