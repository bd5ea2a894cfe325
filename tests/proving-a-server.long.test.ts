import { readFileSync } from 'node:fs'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { node } from '@midsentence/testing/node-process'
import { expect, test } from 'vitest'
import { lacksPrograms, runProgram } from './any-language/external-program.ts'

const guide = readFileSync(new URL('../docs/proving-a-server.md', import.meta.url), 'utf8')
const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, lines]) => lines!)

const skipped = lacksPrograms(['sh', 'sed', 'mktemp', 'python3', 'npx'], 'docs/proving-a-server.md')

test.skipIf(skipped)(
  'the commands of docs/proving-a-server.md prove the example, and catch a broken copy',
  async () => {
    const [port, broken] = [await freePort(), await freePort()]
    // The guide does not wait until the server listens.
    const until = (name: string) => `until curl -s -o /dev/null http://127.0.0.1:$${name}/; do sleep 0.05; done\n`
    const lines = blocks('sh')
      .join('')
      .replace('PORT=8891', `PORT=${port}`)
      .replace('BROKEN_PORT=8892', `BROKEN_PORT=${broken}`)
      .replace('SERVER=$!\n', `SERVER=$!\n${until('PORT')}`)
      .replace('BROKEN=$!\n', `BROKEN=$!\n${until('BROKEN_PORT')}`)
      .replace('kill $SERVER', 'cat "$DIR/report.json"; grep -c "<testcase " "$DIR/report.xml"\nkill $SERVER')
    expect(lines).toContain(`PORT=${port}\n`)
    const env = { PYTHONDONTWRITEBYTECODE: '1' }
    const { code, stdout } = await runProgram('sh', ['-c', lines], { env }).ended
    expect(code).toBe(0)
    expect(stdout, stdout).toMatch(/^56 kept, 0 broken, 19 skipped in /m)
    expect(stdout).toMatch(
      /^broken {3}S1 {2}The suffix is the exact end of the draft\n +a suffix is not the end of the draft$/m,
    )
    expect(stdout).toMatch(/^kept {5}P1 /m)
    expect(stdout).toContain('It ended with 1.\n')
    expect(stdout).toMatch(/^\s+"seed": 7,$/m)
    expect(stdout).toMatch(/^3$/m)
  },
)

test.skipIf(skipped)('the program of docs/proving-a-server.md checks the example', async () => {
  const [code] = blocks('js')
  const port = await freePort()
  const server = runProgram('python3', ['examples/09_a_server_in_python', `${port}`], {
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  })
  await expect
    .poll(() =>
      fetch(`http://127.0.0.1:${port}/`).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(404)
  const ended = await node(['--input-type=module', '--eval', code!], {
    env: { SERVER_URL: `http://127.0.0.1:${port}` },
  }).ended
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  expect(ended.stdout.trim().split('\n')).toEqual([
    'pass P1 A push sends what the preview shows',
    'pass H1 A push is held exactly when a message is unseen',
    'pass F1 Three counted holds earn the floor',
  ])
  server.finish()
})
