import { readdirSync, readFileSync } from 'node:fs'
import { node } from '@midsentence/testing/node-process'
import { expect, test } from 'vitest'

/** What each example prints last. */
const examples: Readonly<Record<string, string>> = {
  '01-the-seed-usage.mjs': 'Claude: I started using this cool app',
  '02-undo-because-a-message-arrived.mjs': 'Ada: Let us meet on Wednesday.',
  '03-a-held-push.mjs': 'Ada: Monday it is.',
  '04-your-own-transport.mjs': 'Ben: Loud and clear.',
  '05-killed-mid-sentence.mjs': 'Ada: Whoever reads this: the tests failed because the clock was wrong.',
  '08-embed-the-hub.mjs': 'Ben: Tea for me.',
  '10-who-may-join.mjs':
    'Ben was here as long as his token: You cannot come back into the room. You may not come in: your token is none of ours, or has expired.',
}

/** Those in other languages: `examples.int.test.ts` runs them. */
const foreign = ['06-curl-only.sh', '07_async_chat_room.py']

test.concurrent.for(Object.entries(examples))('%s', async ([file, last], { expect, onTestFinished }) => {
  const { code, stdout, stderr } = await node([`examples/${file}`], { onTestFinished }).ended
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(last)
})

test('no example is forgotten', () => {
  const folder = new URL('../examples/', import.meta.url)
  const files = readdirSync(folder).filter(file => /\.(mjs|sh|py)$/.test(file))
  expect(files.sort()).toEqual([...Object.keys(examples), ...foreign].sort())
  const index = readFileSync(new URL('README.md', folder), 'utf8')
  expect(files.filter(file => !index.includes(`](${file})`))).toEqual([])
})
