import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Texts of all test files. Only sources are listed, since `node_modules` takes seconds. */
export const testSources: readonly string[] = [
  ...readdirSync(join(root, 'packages')).map(name => `packages/${name}/src`),
  'tests',
]
  .flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(file => join(root, folder, file)),
  )
  .filter(file => file.endsWith('.test.ts'))
  .map(file => readFileSync(file, 'utf8'))
