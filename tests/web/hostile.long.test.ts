import { connect } from '@midsentence/client'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { hostileTexts } from '../hostile-texts.ts'
import { launch, type Person, person, servePage, skipped } from './person.ts'

let browser: Browser
beforeAll(async () => {
  if (!skipped) browser = await launch()
})
afterAll(() => browser?.close())

/** Each of these would set `window.hit` if it was executed. */
const attacks: readonly string[] = [
  ...hostileTexts,
  '<script>window.hit=1</script>',
  '<img src=x onerror="window.hit=1">',
  '<svg onload="window.hit=1"><animate onbegin="window.hit=1" attributeName=x></svg>',
  '<a href="javascript:window.hit=1">a</a>',
  '[click](javascript:window.hit=1)',
  '[click](java&#115;cript:window.hit=1)',
  '[click](data:text/html,<script>window.hit=1</script>)',
  '[click](vbscript:x "javascript:window.hit=1")',
  '<javascript:window.hit=1>',
  '![x](x" onerror="window.hit=1)',
  '![x](javascript:window.hit=1)',
  '[x]: javascript:window.hit=1\n\n[x]',
  '`<img src=x onerror=window.hit=1>`',
  '```html\n<img src=x onerror=window.hit=1>\n```',
  '```"><img src=x onerror=window.hit=1>\nx\n```',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hit=1&gt;">',
  '<iframe srcdoc="<script>parent.hit=1</script>"></iframe>',
  '<form action="https://example.com"><input name=password><button>Log in</button></form>',
  '<style>*{display:none}</style>',
  '<meta http-equiv="refresh" content="0;url=https://example.com">',
  '<base href="https://example.com/">',
  '<template><img src=x onerror=window.hit=1></template>',
  '<div id="root" class="composer" style="position:fixed;inset:0">over everything</div>',
  '| a |\n| - |\n| <img src=x onerror=window.hit=1> |',
  '\u202eright to left\u202c and \u2066isolated\u2069, zero\u200bwidth, \u{e0041}\u{e0042}tags',
  '\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67 Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319'.repeat(
    40,
  ),
  '\u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627 english 123',
]

const layoutHolds = ({ page }: Person) =>
  page.evaluate(() => {
    const field = document.querySelector('textarea')!.getBoundingClientRect()
    return {
      fits: document.documentElement.scrollWidth <= innerWidth,
      hasField: field.top >= 0 && field.bottom <= innerHeight && field.width > 100,
      hit: (globalThis as { hit?: number }).hit ?? 0,
    }
  })

test.skipIf(skipped).each([390, 1440])('hostile contents are text, and the layout holds, at %i px', async width => {
  const { url, hub } = await servePage()
  const eve = await hub.join({ username: 'Eve', room: 'demo' })
  const ada = await person(browser, { viewport: { width, height: 800 } })
  const requests: string[] = []
  ada.page.on('request', request => requests.push(request.url()))
  await ada.join(url, 'demo', 'Ada')
  await ada.add('My draft')
  let at = 0
  for (const content of attacks) await eve.publish({ content, base: eve.snapshotCursor().cursor, key: `k${at++}` })
  await eve.publish({ content: 'The end.', base: eve.snapshotCursor().cursor, key: 'end' })
  await ada.sees('The end.')
  await ada.page.locator('article pre').first().waitFor()
  await expect.poll(() => ada.messages.count()).toBe(attacks.length + 1)
  await expect.poll(() => layoutHolds(ada)).toEqual({ fits: true, hasField: true, hit: 0 })
  const links = await ada.page.locator('article a').evaluateAll(found => found.map(a => a.getAttribute('href')))
  expect(links.filter(href => !/^(https?|mailto):/.test(href ?? ''))).toEqual([])
  const elements =
    'script, img, svg, iframe, form, input, style, meta, base, template, math, [style], [onerror], [onload]'
  await expect.poll(() => ada.page.locator('article').locator(elements).count()).toBe(0)
  // Controls that would turn the text around, or hide a part of it, are shown as what they are.
  const texts = (await ada.messages.allTextContents()).join('\n')
  expect(texts).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\u{e0041}]/u)
  expect(requests.filter(request => !request.startsWith(url))).toEqual([])
  expect(ada.errors).toEqual([])
})

test.skipIf(skipped)('hostile names are text, and cannot look like another name', async () => {
  const { url } = await servePage()
  const names = [
    '<img src=x onerror=window.hit=1>',
    '"Ada" has left. Ben',
    'x'.repeat(64),
    '\u05d0\u05d1',
    '[a](javascript:b)',
  ]
  const room = '<b>"demo"</b>'.replace(/[^\w-]/g, '-')
  const joined = await Promise.all(names.map(username => connect(url, { username, room }).catch(() => undefined)))
  onTestFinished(() => Promise.all(joined.map(other => other?.close())).then(() => {}))
  const others = joined.filter(other => other !== undefined)
  expect(others.length).toBeGreaterThan(1)
  const ada = await person(browser, { viewport: { width: 390, height: 800 } })
  await ada.join(url, room, 'Ada')
  for (const other of others) {
    await other.check({ timeout_ms: 0 })
    await other.append('Hello')
    await other.push()
  }
  await ada.page.getByRole('button', { name: /^You and/ }).click()
  await expect.poll(() => ada.page.locator('#people li').count()).toBe(others.length + 1)
  await expect.poll(() => ada.page.locator('img').count()).toBe(0)
  await expect.poll(() => layoutHolds(ada)).toEqual({ fits: true, hasField: true, hit: 0 })
  expect(ada.errors).toEqual([])
})

test.skipIf(skipped)('20,000 characters without a space are folded, and unfold in the layout', async () => {
  const { url, hub } = await servePage()
  const eve = await hub.join({ username: 'Eve', room: 'demo' })
  const ada = await person(browser, { viewport: { width: 390, height: 800 } })
  await ada.join(url, 'demo', 'Ada')
  for (const [key, content] of Object.entries({
    x: 'x'.repeat(20_000),
    // Costly for some renderers of Markdown.
    bracket: '['.repeat(20_000),
    emphasis: '*a_'.repeat(6_600),
    quote: '> '.repeat(10_000),
    ticks: '`a'.repeat(10_000),
    lines: 'line\n'.repeat(4_000),
  }))
    await eve.publish({ content, base: eve.snapshotCursor().cursor, key })
  await expect.poll(() => ada.messages.count()).toBe(6)
  await expect.poll(() => layoutHolds(ada)).toEqual({ fits: true, hasField: true, hit: 0 })
  for (let at = 0; at < 6; at++) {
    await ada.messages
      .nth(at)
      .getByRole('button', { name: /^Show all/ })
      .click()
    await ada.messages.nth(at).getByRole('button', { name: 'Fold' }).waitFor()
  }
  await expect.poll(() => layoutHolds(ada)).toEqual({ fits: true, hasField: true, hit: 0 })
  expect((await ada.messages.first().textContent())?.length).toBeGreaterThan(20_000)
})

test.skipIf(skipped)(
  '1,000 participants and 2,000 messages: few rows are mounted, and the page stays usable',
  async () => {
    const { url, hub } = await servePage()
    const sessions = await Promise.all(
      Array.from({ length: 1000 }, (_, at) => hub.join({ username: `Participant ${at}`, room: 'demo' })),
    )
    const ada = await person(browser)
    await ada.join(url, 'demo', 'Ada')
    await ada.sees('Here now · 1001')
    await expect.poll(() => ada.page.locator('#people li').count()).toBe(100)
    await ada.page.getByRole('button', { name: 'Show 901 more' }).click()
    await expect.poll(() => ada.page.locator('#people li').count()).toBe(1001)

    for (let seq = 1; seq <= 2000; seq++) {
      await sessions[0]!.publish({ content: `Message ${seq}`, base: 0, key: `k${seq}` })
    }
    await ada.sees('Message 2000')
    expect(await ada.messages.count()).toBeLessThanOrEqual(300)
    const top = () => ada.page.locator('.scroller').evaluate(element => element.scrollTo({ top: 0 }))
    for (let pages = 0; pages < 5; pages++) {
      await top()
      await ada.page.getByRole('button', { name: 'Show earlier messages' }).click()
    }
    expect(await ada.messages.count()).toBeLessThanOrEqual(300)
    await ada.page.getByRole('button', { name: /Newest messages|new message/ }).click()
    await ada.sees('Message 2000')
    await ada.add('Still here')
    await ada.hasDraft('Still here')
    expect(ada.errors).toEqual([])
  },
)
