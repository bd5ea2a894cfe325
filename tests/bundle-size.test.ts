import { expect, test } from 'vitest'
// @ts-expect-error: plain JavaScript, since `npm run bench` runs it as it is
import { bundle, draftOnly, everything } from '../bench/core/bundle-size.mjs'

/** Lists the packages of these modules; those of the workspace by folder. */
const packagesOf = (modules: readonly string[]) => [
  ...new Set(
    modules
      .filter(path => path !== '<stdin>')
      .map(path => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path.split('/').slice(0, 2).join('/')),
  ),
]

test('core for browsers is at most 33 kB gzipped, and bundles only xstate, rxjs and tslib', async () => {
  const { bytes, modules, imports } = await bundle(everything)
  expect(packagesOf(modules).sort()).toEqual(['packages/core', 'rxjs', 'tslib', 'xstate'])
  expect(imports).toEqual([])
  expect(bytes).toBeLessThanOrEqual(33_000)
})

test('the draft functions alone are at most 4 kB gzipped, without dependencies', async () => {
  const { bytes, modules, imports } = await bundle(draftOnly)
  expect(packagesOf(modules)).toEqual(['packages/core'])
  expect(imports).toEqual([])
  expect(bytes).toBeLessThanOrEqual(4_000)
})
