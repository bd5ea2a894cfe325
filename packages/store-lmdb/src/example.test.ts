import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { node } from '../../../tests/node-process.ts'
import { freshFolder } from '../../../tests/store-bench.ts'

test('the example in the README runs, and its draft is on disk', async () => {
  const [, example] = /```js\n([\s\S]+?)```/.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8'))!
  const folder = freshFolder(onTestFinished)
  const here = example!.replace("'rooms'", JSON.stringify(`${folder}/rooms`))
  const again = `
    const later = await lmdbStore(${JSON.stringify(`${folder}/rooms`)})
    const next = await openHub({ log: later.log, sessions: later.sessions })
    console.log((await next.enter(ada.entrance.token).resume()).suffix)
    await next.close()
    await later.close()
  `
  const { code, stdout, stderr } = await node(['--input-type=module', '-e', here + again], { onTestFinished }).ended
  expect([code, stdout, stderr]).toEqual([0, 'I was about to\n', ''])
})
