import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@midsentence/client'
import { startCuttableProxy } from '@midsentence/testing/legacy/proxy'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { midsentence } from '../midsentence.ts'
import { launch, Person, person, servePage, skipped } from './person.ts'

let browser: Browser
beforeAll(async () => {
  if (!skipped) browser = await launch()
})
afterAll(() => browser?.close())

const slowly = (text: string) => `${text}: ${'a long message takes long to read, '.repeat(8)}`

async function program(url: string, room: string, username: string) {
  const participant = await connect(url, { username, room })
  onTestFinished(() => participant.close())
  const say = async (text: string) => {
    await participant.check({ timeout_ms: 0 })
    await participant.append(text)
    return participant.push()
  }
  return { participant, say }
}

test.skipIf(skipped)('three holds bring the floor: its seconds are shown, and the others wait', async () => {
  const { url } = await servePage()
  const ben = await program(url, 'demo', 'Ben')
  const [ada, cleo] = [await person(browser), await person(browser)]
  await ada.join(url, 'demo', 'Ada')
  await ada.add('First of all')
  for (const round of ['one', 'two', 'three']) {
    await ben.say(slowly(round))
    await ada.sees(slowly(round).trim())
    await ada.send()
    await ada.sees('Not sent.')
    await ada.page.getByText('Sending …').waitFor({ state: 'detached' })
  }
  await ada.sees('You have the floor.')
  await ada.sees(/^\d+ s left$/)

  await cleo.join(url, 'demo', 'Cleo')
  await cleo.field.fill('Me too')
  await cleo.send()
  await cleo.sees('Sending …')
  await ada.page.getByRole('button', { name: 'Send again' }).click()
  await ada.hasDraft()
  await ada.page.getByText('You have the floor.').waitFor({ state: 'detached' })
  await cleo.sees('A message from "Ada" arrived before you could read it.')
  await cleo.send()
  await ada.sees('Me too')
  expect([...ada.errors, ...cleo.errors]).toEqual([])
})

test.skipIf(skipped)('a draft survives kill -9 of the server, and the server goes on with it', async () => {
  const data = await mkdtemp(join(tmpdir(), 'midsentence-web-'))
  onTestFinished(() => rm(data, { recursive: true, force: true }))
  const serve = async (port: string) => {
    const server = midsentence('serve', '--data', data, '--port', port)
    const [, address] = await server.says(/^Open (\S+)\/ in a browser\.\n/)
    return { server, url: address! }
  }
  const first = await serve('0')
  const ada = await person(browser)
  await ada.join(first.url, 'demo', 'Ada')
  await ada.add('Said before.')
  await ada.send()
  await expect.poll(() => ada.messages.count()).toBe(1)
  await ada.add('Half a')
  first.server.kill('SIGKILL')
  await ada.sees(/Reconnecting/)
  await ada.add('sentence.')
  await ada.hasDraft('Half a', ' sentence.')

  await serve(new URL(first.url).port)
  await ada.sees('Connected')
  await ada.send()
  await expect.poll(() => ada.messages.count()).toBe(2)
  await ada.sees('Half a sentence.')
  await expect.poll(() => ada.page.locator('.notice').count()).toBe(0)
})

test.skipIf(skipped)('over a cut line the person writes on, and gets what was said meanwhile', async () => {
  const { url } = await servePage()
  const proxy = await startCuttableProxy(url)
  onTestFinished(() => proxy.close())
  const ben = await program(url, 'demo', 'Ben')
  const ada = await person(browser)
  await ada.join(proxy.url, 'demo', 'Ada')
  proxy.cut()
  await ada.sees(/Reconnecting/)
  await ada.add('Written')
  await ada.add('without a line.')
  await ben.say('Said meanwhile.')
  await ada.send()
  await ada.page.getByRole('alert').waitFor()
  await ada.hasDraft('Written', ' without a line.')
  proxy.restore()
  await ada.sees('Connected')
  await ada.sees('Said meanwhile.')
  await ada.sees('Arrived while you were writing')
  await ada.send()
  await ada.page.getByText('Sending …').waitFor({ state: 'detached' })
  // It may have been held for what Ben said.
  if ((await ada.draft.count()) > 0) await ada.send()
  await ada.hasDraft()
  expect((await ben.participant.check()).messages).toMatchObject([{ content: 'Written without a line.' }])
})

test.skipIf(skipped)('of two tabs of one person one goes on, with the draft, and the other says so', async () => {
  const { url } = await servePage()
  const first = await person(browser)
  await first.join(url, 'demo', 'Ada')
  await first.add('Begun here')
  const second = new Person(await first.page.context().newPage())
  await second.page.goto(`${url}/#/rooms/demo`)
  await second.page.getByRole('button', { name: 'Continue here' }).click()
  await second.hasDraft('Begun here')
  await first.sees('This room is open in another tab')
  await second.add('and continued there.')
  await first.page.reload()
  await first.page.getByRole('button', { name: 'Continue here' }).click()
  await first.hasDraft('Begun here', ' and continued there.')
  await second.sees('This room is open in another tab')
  await first.send()
  await first.hasDraft()
  // Under another name the tabs are two persons.
  await second.page.getByRole('button', { name: 'Join under another name' }).click()
  await second.page.getByLabel('Your name').fill('Cleo')
  await second.page.keyboard.press('Enter')
  await second.field.fill('Hello from Cleo')
  await second.send()
  await first.sees('Hello from Cleo')
  await first.page.reload()
  await first.sees('Hello from Cleo')
  await second.page.reload()
  await expect.poll(() => second.page.locator('.people li').allTextContents()).toEqual(['Cleoyou', 'Ada'])
})

test.skipIf(skipped)(
  'a closed tab that is opened again continues with the draft and the text of the field',
  async () => {
    const { url } = await servePage()
    const ada = await person(browser)
    await ada.join(url, 'demo', 'Ada')
    await ada.add('Kept')
    await ada.field.fill('not added yet')
    const context = ada.page.context()
    await ada.page.close()
    const again = new Person(await context.newPage())
    await again.page.goto(`${url}/#/rooms/demo`)
    await again.hasDraft('Kept')
    await expect.poll(() => again.field.inputValue()).toBe('not added yet')
  },
)

test.skipIf(skipped)('a server with a password asks for it, and a reload does not ask again', async () => {
  const { url } = await servePage({ password: 'sesame' })
  const ada = await person(browser)
  await ada.page.goto(`${url}/#/rooms/demo`)
  await ada.page.getByLabel('Your name').fill('Ada')
  await ada.page.getByLabel('Password').fill('wrong')
  await ada.page.keyboard.press('Enter')
  await ada.page.getByRole('alert').filter({ hasText: 'the password is wrong' }).waitFor()
  await ada.page.getByLabel('Password').fill('sesame')
  await ada.page.keyboard.press('Enter')
  await ada.field.waitFor()
  await ada.add('Inside')
  await ada.page.reload()
  await ada.hasDraft('Inside')
  const stored = await ada.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
  expect(stored).not.toContain('sesame')
})

test.skipIf(skipped)('a taken name is refused in the form, and leaving frees one’s own', async () => {
  const { url, hub } = await servePage()
  const ben = await program(url, 'demo', 'Ada')
  const ada = await person(browser)
  await ada.page.goto(`${url}/#/rooms/demo`)
  await ada.page.getByLabel('Your name').fill('Ada')
  await ada.page.keyboard.press('Enter')
  await ada.page.getByRole('alert').waitFor()
  await ben.participant.close()
  await ada.page.keyboard.press('Enter')
  await ada.field.waitFor()
  await ada.page.getByRole('button', { name: 'Leave' }).click()
  await ada.sees('Join a room')
  await expect.poll(() => hub.join({ username: 'Ada', room: 'demo' }).catch(() => 'taken')).not.toBe('taken')
})

test.skipIf(skipped)('a long text is cut at the limit of a segment, and its rest stays in the field', async () => {
  const { url } = await servePage()
  const ada = await person(browser)
  await ada.join(url, 'demo', 'Ada')
  await ada.add('y'.repeat(1250))
  await ada.sees(/1,000 characters were added; the other 250 are still in the field/)
  expect((await ada.field.inputValue()).length).toBe(250)
  await ada.field.press('Enter')
  await expect
    .poll(() => ada.page.getByTestId('count').textContent())
    .toMatch(/2 segments · 1,25[01] of 20,000 characters/)
  await ada.field.press('Escape')
  await ada.sees('Discard the whole draft?')
  await ada.field.press('Escape')
  await ada.hasDraft()
})

test.skipIf(skipped)('a person who scrolled up finds a mark before what is new', async () => {
  const { url } = await servePage()
  const ben = await program(url, 'demo', 'Ben')
  const ada = await person(browser)
  await ada.join(url, 'demo', 'Ada')
  for (let count = 1; count <= 30; count++) await ben.say(`Before ${count}`)
  await ada.sees('Before 30')
  await ada.page.locator('.scroller').evaluate(element => element.scrollTo({ top: 0 }))
  await ada.page.getByRole('button', { name: 'Newest messages' }).waitFor()
  await ben.say('News one')
  await ben.say('News two')
  const toEnd = ada.page.getByRole('button', { name: '2 new messages' })
  await toEnd.waitFor()
  await expect.poll(() => ada.page.title()).toBe('(2) demo · midsentence')
  await toEnd.click()
  await ada.sees('New since you looked away')
  await expect.poll(() => ada.page.title()).toBe('demo · midsentence')
  const order = await ada.page.getByText(/^(Before 30|New since you looked away|News one)$/).allTextContents()
  expect(order).toEqual(['Before 30', 'New since you looked away', 'News one'])
  // A composer that grows does not scroll the newest message away.
  await ada.field.fill('A line\n'.repeat(12))
  await ada.add('B line\n'.repeat(12))
  await expect.poll(() => ada.page.getByText('News two').isVisible()).toBe(true)
  const isAbove = async () => {
    const box = await ada.page.getByText('News two').boundingBox()
    const field = await ada.page.getByRole('region', { name: 'Write' }).boundingBox()
    return box!.y + box!.height <= field!.y
  }
  await expect.poll(isAbove).toBe(true)
  await expect.poll(() => ada.page.getByRole('button', { name: 'Newest messages' }).count()).toBe(0)
})

test.skipIf(skipped)('below a prefix the page finds its files, its server and its place', async () => {
  const { url } = await servePage({ prefix: '/chat' })
  const ada = await person(browser)
  await ada.page.goto(url)
  await ada.page.getByText(`"${url}"`).waitFor()
  expect(new URL(ada.page.url()).pathname).toBe('/chat/')
  await ada.join(url, 'demo', 'Ada')
  await ada.add('Here')
  await ada.page.reload()
  await ada.hasDraft('Here')
  expect(ada.errors).toEqual([])
})

test.skipIf(skipped)('where a proxy refuses WebSockets the page uses server-sent events', async () => {
  const { url } = await servePage()
  const ada = await person(browser)
  await ada.page.routeWebSocket(/\/ws$/, socket => void socket.close())
  await ada.join(url, 'demo', 'Ada')
  await ada.add('Over events')
  await ada.send()
  await expect.poll(() => ada.messages.count()).toBe(1)
  expect(ada.errors).toEqual([])
})

test.skipIf(skipped)('a server that lost its rooms says so between the messages, and the draft goes on', async () => {
  const { url, close } = await servePage()
  const ada = await person(browser)
  await ada.join(url, 'demo', 'Ada')
  await ada.field.fill('Before')
  await ada.send()
  await expect.poll(() => ada.messages.count()).toBe(1)
  await ada.add('Kept')
  await close()
  await ada.sees(/Reconnecting/)
  await servePage({ port: Number(new URL(url).port) })
  await ada.sees('Connected')
  await ada.send()
  await ada.sees('This is a new room: the server lost the old one, and you joined again. Your draft is kept.')
  if ((await ada.draft.count()) > 0) await ada.send()
  await expect.poll(() => ada.messages.count()).toBe(2)
})

test.skipIf(skipped)('a person whom the admin removed reads why, and is asked for another name', async () => {
  const { url, hub } = await servePage()
  const ada = await person(browser)
  await ada.join(url, 'demo', 'Ada')
  await ada.add('Kept')
  await hub.admin!.remove('demo', 'Ada')
  await ada.sees('Ended')
  await ada.page.getByRole('button', { name: 'Join again' }).click()
  await ada.page.getByRole('alert').waitFor()
  await ada.page.getByLabel('Your name').fill('Ada again')
  await ada.page.keyboard.press('Enter')
  await ada.field.waitFor()
})
