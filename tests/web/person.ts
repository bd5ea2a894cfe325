import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ServerOptions } from '@midsentence/server'
import { startServer } from '@midsentence/server'
import { byTier } from '@midsentence/testing/tier'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { chromiumArgs, chromiumMissing, executablePath } from '../browser/chromium.ts'

/** The folder of the built page. */
export const pageFolder = fileURLToPath(new URL('../../packages/web/dist', import.meta.url))

const missing = existsSync(`${pageFolder}/index.html`) ? chromiumMissing() : 'the page is not built: npm run build'

/** Whether the tests of the page cannot run here. In CI they fail instead. */
export const skipped = missing !== undefined && !process.env.CI
if (skipped) console.warn(`Skipped: the page in a browser, since ${missing}.`)

/** Starts a server in this process that serves the page. */
export async function servePage(options: ServerOptions = {}) {
  const server = await startServer({ port: 0, page: pageFolder, limits: false, ...options })
  onTestFinished(() => server.close())
  return server
}

export const launch = (): Promise<Browser> => chromium.launch({ executablePath, args: chromiumArgs })

/** One person in front of a page. */
export class Person {
  readonly page: Page
  /** Uncaught errors of the page, and what its policy refused. */
  readonly errors: string[] = []

  constructor(page: Page) {
    this.page = page
    page.on('pageerror', error => this.errors.push(String(error)))
    page.on('console', entry => {
      if (/content security|trusted ?type|refused to/i.test(entry.text())) this.errors.push(entry.text())
    })
    page.on('dialog', dialog => {
      this.errors.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
  }

  get field() {
    return this.page.getByLabel('Your next words')
  }
  get draft() {
    return this.page.getByTestId('segment')
  }
  get messages() {
    return this.page.getByRole('article')
  }

  /** Opens `room` by its link, and joins it under `name`. */
  async join(url: string, room: string, name: string, password?: string): Promise<void> {
    await this.page.goto(`${url}/#/rooms/${encodeURIComponent(room)}`)
    await this.page.getByLabel('Your name').fill(name)
    if (password !== undefined) await this.page.getByLabel('Password').fill(password)
    await this.page.keyboard.press('Enter')
    await this.field.waitFor()
  }

  /** Types a text and presses Enter, which adds it as a segment. */
  async add(text: string): Promise<void> {
    await this.field.fill(text)
    await this.field.press('Enter')
  }

  /** Resolves once the draft consists of these segments. */
  async hasDraft(...segments: readonly string[]): Promise<void> {
    await expect.poll(() => this.draft.allTextContents()).toEqual(segments)
  }

  /** Resolves once the text is on the page. */
  sees(text: string | RegExp): Promise<void> {
    return this.page.getByText(text).first().waitFor()
  }

  send(): Promise<void> {
    return this.field.press('Control+Enter')
  }
}

/** Opens a page in its own context: another browser profile. */
export async function person(browser: Browser, options: BrowserContextOptions = {}): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, ...options })
  context.setDefaultTimeout(byTier(30_000, 120_000))
  onTestFinished(() => context.close())
  return new Person(await context.newPage())
}
