import { expect, test } from 'vitest'
// @ts-expect-error: plain JavaScript, since `npm run bench` runs it as it is
import { bundle, draftAlone, everything } from '../bench/core/bundle-size.mjs'

/** The packages that modules belong to, those of the workspace by their folder. */
const packagesOf = (modules: readonly string[]) => [
  ...new Set(
    modules
      .filter(path => path !== '<stdin>')
      .map(path => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path.split('/').slice(0, 2).join('/')),
  ),
]

test('core for browsers is at most 32 kB gzipped, and holds itself, xstate, rxjs and tslib alone', async () => {
  const { bytes, modules, imports } = await bundle(everything)
  expect(packagesOf(modules).sort()).toEqual(['packages/core', 'rxjs', 'tslib', 'xstate'])
  expect(imports).toEqual([])
  expect(bytes).toBeLessThanOrEqual(32_000)
})

test('the draft functions alone are at most 4 kB, and bring nothing along', async () => {
  const { bytes, modules, imports } = await bundle(draftAlone)
  expect(packagesOf(modules)).toEqual(['packages/core'])
  expect(imports).toEqual([])
  expect(bytes).toBeLessThanOrEqual(4_000)
})
