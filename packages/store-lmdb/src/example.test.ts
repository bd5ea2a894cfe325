import { readFileSync } from 'node:fs'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'

test('the example in the README runs, and its draft is on disk', async () => {
  const [, example] = /```js\n([\s\S]+?)```/.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8'))!
  const folder = freshFolder(onTestFinished)
  const here = example!.replace("'rooms'", JSON.stringify(`${folder}/rooms`))
  const again = `
    const later = await lmdbStore(${JSON.stringify(`${folder}/rooms`)})
    const next = await openHub({ log: later.log, sessions: later.sessions })
    console.log((await next.enter(ada.joinResult.token).resume()).suffix)
    await next.close()
    await later.close()
  `
  const { code, stdout, stderr } = await node(['--input-type=module', '-e', here + again], { onTestFinished }).ended
  expect([code, stdout, stderr]).toEqual([0, 'I was about to\n', ''])
})
