import { expect, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'

test.each(['SIGINT', 'SIGTERM'] as const)('serve prints how to join, and %s ends it with exit code 0', async signal => {
  const { url, process } = await serving()
  await process.says('"method":"leave"')
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  const before = performance.now()
  process.kill(signal)
  const { code, stdout, stderr } = await process.ended
  expect([code, stderr]).toEqual([0, ''])
  expect(performance.now() - before).toBeLessThan(1500)
  for (const how of [`midsentence chat ${url}`, 'AsyncChatRoom', `curl -sw '\\n' ${url}/rpc`])
    expect(stdout).toContain(how)
})

test('a taken port is reported in a sentence that says what to do', async () => {
  const { url } = await serving()
  const { port } = new URL(url)
  const { code, stdout, stderr } = await midsentence('serve', '--memory', '--port', port).ended
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(
    new RegExp(`^midsentence: Port ${port} of 127\\.0\\.0\\.1 is taken: .+ --port ${Number(port) + 1} .+\\n$`),
  )
})

test('the port comes from the environment when no flag is given', async () => {
  const { url } = await serving()
  const { code, stderr } = await midsentence.in({ PORT: new URL(url).port })('serve', '--memory').ended
  expect([code, stderr]).toEqual([1, expect.stringContaining('is taken')])
})

test('serve --demo plays on its own server, then prints the events of the room', async () => {
  const { url, process } = await serving('--demo', '--speed', '1000')
  await process.says('What happens in the room demo')
  const held = await process.says(/Claude {2}is held[\s\S]*Claude {2}is sent/)
  expect(held).not.toContain('trouble')
  const ada = midsentence.typing('chat', url, '--name', 'Ada', '--room', 'demo')
  await process.says('# "Ada" is here.')
  ada.type('Nobody\nhere?\n\n')
  await process.says('\nAda: Nobody\n    here?\n')
  ada.endInput()
  expect(await ada.ended).toMatchObject({ code: 0, stderr: '' })
  await process.says('# "Ada" is gone.')
  process.kill('SIGINT')
  expect(await process.ended).toMatchObject({ code: 0, stderr: '' })
})

test('Ctrl-C during the demo ends serve --demo with exit code 0', async () => {
  const { process } = await serving('--demo', '--speed', '0.01')
  await process.says('GPT     writes')
  process.kill('SIGINT')
  expect(await process.ended).toMatchObject({ code: 0, stderr: '' })
})
