import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'
import { stateFolder, stdioHost } from './hosts.ts'

test('[A10] mcp joins with a credential from a file or a flag, and repeats no wrong one', async () => {
  const { url, close } = await startServer({ port: 0, password: 'sesame' })
  onTestFinished(close)
  const folder = await stateFolder()
  const file = join(folder, 'password')
  await writeFile(file, 'sesame\n')
  const host = (name: string, ...args: string[]) => stdioHost('2025-11-25', [url, '--name', name, ...args], folder)
  const [withFile, withFlag, wrong, without] = await Promise.all([
    host('Claude', '--credential-file', file),
    host('GPT', '--credential', 'sesame'),
    host('Gemini', '--credential', 'simsalabim'),
    host('Llama'),
  ])
  await withFile.read('append', { text: 'hello' })
  expect(await withFile.read('push')).not.toContain('may not come in')
  expect(await withFlag.read('who')).toContain('Claude')
  const refused = await wrong.read('who')
  expect(refused).toContain('the password is wrong')
  expect(refused).not.toContain('simsalabim')
  expect(await without.read('who')).toContain('this server has a password')
})
