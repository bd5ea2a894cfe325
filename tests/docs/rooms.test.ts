import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { documentedMembers, policyMembers, settings, settingsTable } from './settings-table.ts'

const file = fileURLToPath(new URL('../../docs/rooms.md', import.meta.url))
const page = readFileSync(file, 'utf8')
const code = [...page.matchAll(/^```js \S+\n(.*?)^```$/gms)].map(([, code]) => code).join('')

test('the table of settings is up to date; update it with `vitest run -u`', async () => {
  const table = /(<!-- settings: .*? -->\n).*?(<!-- end of settings -->)/s
  expect(page).toMatch(table)
  await expect(page.replace(table, (_, begin, end) => `${begin}\n${settingsTable()}\n\n${end}`)).toMatchFileSnapshot(
    file,
  )
})

test('the page shows every member of a policy, and every setting, in a program', () => {
  expect([...documentedMembers].sort()).toEqual([...policyMembers].sort())
  const missing = [...settings, ...policyMembers].filter(name => !new RegExp(`\\b${name}(:|\\()`).test(code))
  expect(missing).toEqual([])
})
