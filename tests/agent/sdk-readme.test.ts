import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('../../examples/sdk/', import.meta.url))
const read = (file: string) => readFileSync(folder + file, 'utf8')
const rows = [...read('README.md').matchAll(/^\| .+ \| \[(.+)\]\((.+)\) \| `(.+)` \|$/gm)].map(row => row.slice(1))

test('the README of examples/sdk lists each program once', () => {
  const files = readdirSync(folder).filter(file => file.endsWith('.mjs'))
  expect(rows.map(([name]) => name).sort()).toEqual(files.sort())
})

test.each(rows)('%s has the line of the README', (name, file, line) => {
  expect(file).toBe(name)
  expect(read(file!)).toContain(line)
})

test('the SDKs have exact versions', () => {
  const versions = Object.values(JSON.parse(read('package.json')).dependencies)
  for (const version of versions) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
})
