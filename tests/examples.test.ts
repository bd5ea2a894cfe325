import { readdirSync, readFileSync } from 'node:fs'
import { node } from '@midsentence/testing/node-process'
import { byTier } from '@midsentence/testing/tier'
import { expect, test } from 'vitest'

/** Last line that each example prints. */
const examples: Readonly<Record<string, string>> = {
  '01-one-conversation.mjs': 'Claude: I started using this cool app',
  '02-undo-because-a-message-arrived.mjs': 'Ada: Let us meet on Wednesday.',
  '03-a-held-push.mjs': 'Ada: Monday it is.',
  '04-your-own-transport.mjs': 'Ben: Loud and clear.',
  '05-killed-mid-sentence.mjs': 'Ada: For the next shift: the tests failed because the clock was wrong.',
  '08-embed-the-hub.mjs': 'Ben: Tea for me.',
  '10-who-may-join.mjs':
    'Ben’s session ended with his token: You cannot come back into the room. You may not come in: your token is invalid or has expired.',
  '12-your-own-policy.mjs': 'by-name throws 2.38 times as much away as hold (1.99 to 2.86).',
}

const quick = ['03-a-held-push.mjs', '05-killed-mid-sentence.mjs', '08-embed-the-hub.mjs']
const run = Object.entries(examples).filter(([file]) => byTier(quick.includes(file), true))

/** Examples in other languages, which `examples.long.test.ts` runs. */
const otherLanguages = ['06-curl-only.sh', '07_async_chat_room.py']

test.concurrent.for(run)('%s exits with 0', async ([file, last], { expect, onTestFinished }) => {
  const { code, stdout, stderr } = await node([`examples/${file}`], { onTestFinished }).ended
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(last)
})

test('the examples are all run, and listed in their README', () => {
  const folder = new URL('../examples/', import.meta.url)
  const files = readdirSync(folder).filter(file => /\.(mjs|sh|py)$/.test(file))
  expect(files.sort()).toEqual([...Object.keys(examples), ...otherLanguages].sort())
  const index = readFileSync(new URL('README.md', folder), 'utf8')
  expect(files.filter(file => !index.includes(`](${file})`))).toEqual([])
})
