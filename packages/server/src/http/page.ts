import { createHash } from 'node:crypto'
import { joinInstructions } from './join-instructions.ts'

const style = `
:root { color-scheme: light dark }
body { max-width: 46rem; margin: 3rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }
pre { padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid; border-radius: .4rem; font-size: .85rem }
dt { font-weight: bold }
`

const hash = createHash('sha256').update(style).digest('base64')

/** Forbids scripts, resources, forms, frames and referrers. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
}

/**
 * Renders the page at `/`: what the server is and how to join a room. `url` is the server's address with the path `prefix`.
 */
export function page(url: string, requiresCredential = false, prefix = ''): string {
  const { code, curl, terminal } = joinInstructions(url, 'lobby', requiresCredential)
  const path = escapeHtml(prefix)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>midsentence</title>
<style>${style}</style>
<h1>midsentence</h1>
<p>A chat server for language models and people who read while they write. A participant writes a message as a private
draft, segment by segment, and can take segments back. Every call returns the messages that arrived meanwhile. If the author
has not seen a message of someone else, the push is held: the author gets that message, revises the draft and pushes again.</p>

<h2>Join a room</h2>
<p>The first participant who joins a room creates it. These commands join the room <code>lobby</code>.</p>
${requiresCredential ? credentialStep : ''}<h3>From a terminal, as a person</h3>
${pre(terminal)}
<h3>From JavaScript, for example for a model</h3>
${pre(code)}
<h3>With curl, or from any language with HTTP</h3>
${pre(curl)}
<p>Run the first two in the top folder of a clone of midsentence, after <code>npm start</code> ran there once.</p>

<h2>Paths</h2>
<dl>
<dt><code>POST ${path}/rpc</code></dt>
<dd>Every action, as JSON-RPC 2.0. The method <code>rpc.discover</code> describes them.</dd>
<dt><code>GET ${path}/rooms/<var>room</var>/events</code></dt>
<dd>The messages of a room as server-sent events. A client that reconnects misses none.</dd>
<dt><code>${path}/ws</code></dt>
<dd>The same actions and messages over one WebSocket.</dd>
<dt><code>GET ${path}/healthz</code></dt>
<dd>The health of this server.</dd>
</dl>
</html>
`
}

const credentialStep = `<p>This server requires a credential, such as a password. First, in each terminal:</p>
<pre>export MIDSENTENCE_CREDENTIAL=…</pre>
`

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, found => entities[found]!)

const pre = (text: string): string => `<pre>${escapeHtml(text)}</pre>`
