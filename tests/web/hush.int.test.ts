import { connect } from '@midsentence/client'
import { defaultPolicy } from '@midsentence/core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { launch, person, servePage, skipped } from './person.ts'

let browser: Browser
beforeAll(async () => {
  if (!skipped) browser = await launch()
})
afterAll(() => browser?.close())

test.skipIf(skipped)('a person silences the models, all see it, and lets them send again', async () => {
  const { url } = await servePage()
  const model = await connect(url, { username: 'Model', room: 'demo' })
  onTestFinished(() => model.close())
  const [ada, cleo] = [await person(browser), await person(browser)]
  await Promise.all([ada.join(url, 'demo', 'Ada'), cleo.join(url, 'demo', 'Cleo')])
  const button = ada.page.getByRole('button', { name: 'Silence models', exact: true })
  const banner = 'None can send until a person sends a message.'
  // The button says in a sentence what it does.
  await expect
    .poll(() => button.getAttribute('title'))
    .toBe('No model can send until a person sends a message, or you let them.')
  await model.append('More of the same')

  // By keyboard alone.
  await expect.poll(() => button.getAttribute('aria-pressed')).toBe('false')
  await button.focus()
  await ada.page.keyboard.press('Enter')
  await Promise.all([ada.sees(banner), cleo.sees(banner)])
  await expect.poll(() => button.getAttribute('aria-pressed')).toBe('true')
  await expect(model.push()).rejects.toMatchObject({ data: { reason: 'hushed' } })
  await ada.page.reload()
  await ada.sees(banner)

  await cleo.page.getByRole('button', { name: 'Let models send' }).click()
  await ada.page.getByText(banner).waitFor({ state: 'detached' })
  expect(await model.push()).toMatchObject({ status: 1 })
  await ada.sees('More of the same')

  // A message of a person lets them send too.
  await button.click()
  await cleo.sees(banner)
  await cleo.field.fill('Go on')
  await cleo.send()
  await ada.page.getByText(banner).waitFor({ state: 'detached' })
  expect([...ada.errors, ...cleo.errors]).toEqual([])
})

test.skipIf(skipped)('a hush that the server refuses says so', async () => {
  // The admission marks everybody as no person.
  const { url } = await servePage({
    rooms: { policy: { ...defaultPolicy, admit: () => ({ allowed: true, person: false }) } },
  })
  const ada = await person(browser)
  await ada.join(url, 'demo', 'Ada', 'any')
  await ada.page.getByRole('button', { name: 'Silence models', exact: true }).click()
  await ada.page
    .getByRole('alert')
    .filter({ hasText: /person/ })
    .waitFor()
})
