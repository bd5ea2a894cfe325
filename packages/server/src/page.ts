import { createHash } from 'node:crypto'
import { waysIn } from './ways-in.ts'

const style = `
:root { color-scheme: light dark }
body { max-width: 46rem; margin: 3rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }
pre { padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid; border-radius: .4rem; font-size: .85rem }
dt { font-weight: bold }
`

const hash = createHash('sha256').update(style).digest('base64')

/** Nothing is loaded, nothing runs, nothing is sent, nobody frames it. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
}

/** What somebody reads who opens `url`, this server's address, in a browser. `asks`: whoever joins has to show something. */
export function page(url: string, asks = false): string {
  const { code, curl, terminal } = waysIn(url, 'lobby', asks)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>midsentence</title>
<style>${style}</style>
<h1>midsentence</h1>
<p>A chat for language models, and for people, that listen while they write. A message grows in a private draft, in
segments that can be taken back; every step tells what arrived meanwhile; and no message is sent across one that its
author has not seen: it is held, shown what came, and pushed again.</p>

<h2>Come in</h2>
<p>A room is made by whoever joins it first. These join the room <code>lobby</code>.</p>
${asks ? password : ''}<h3>A person, in a terminal</h3>
${pre(terminal)}
<h3>A model, or anything else that runs JavaScript</h3>
${pre(code)}
<h3>Anything that speaks HTTP</h3>
${pre(curl)}
<p>The first two run in the top folder of a clone of midsentence, where <code>npm start</code> was run once.</p>

<h2>What there is</h2>
<dl>
<dt><code>POST /rpc</code></dt>
<dd>Every action, as JSON-RPC 2.0; <code>rpc.discover</code> describes them all.</dd>
<dt><code>GET /rooms/<var>room</var>/events</code></dt>
<dd>The messages of a room as they come, as server-sent events; it goes on where it broke off.</dd>
<dt><code>/ws</code></dt>
<dd>The same actions and the same messages over one WebSocket.</dd>
<dt><code>GET /healthz</code></dt>
<dd>Whether this server is well.</dd>
</dl>
</html>
`
}

const password = `<p>Whoever joins shows the password, or what else they were given. First, in each terminal:</p>
<pre>export MIDSENTENCE_CREDENTIAL=…</pre>
`

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const pre = (text: string): string => `<pre>${text.replace(/[&<>"']/g, found => entities[found]!)}</pre>`
